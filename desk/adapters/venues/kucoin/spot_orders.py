"""Orders of the spot market: a query needs the symbol, and fills name their order by the venue's id only."""

from datetime import datetime
from typing import Any

from desk.adapters.feeds.bounded import BoundedCache
from desk.adapters.venue_http.session import Parameters
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.errors import VENUE, UnknownOrder
from desk.adapters.venues.kucoin.names import spot_symbol
from desk.adapters.venues.kucoin.spot_market import SpotMarket
from desk.adapters.venues.kucoin.spot_wire import (
    ACTIVE_SYMBOLS,
    DONE_ORDERS,
    FILLS,
    ORDER,
    ORDERS,
    SpotFill,
    SpotOrder,
)
from desk.adapters.venues.kucoin.traded import TradedInstruments
from desk.adapters.venues.kucoin.trading import accepted_order, request_name
from desk.adapters.venues.kucoin.wire import ACCEPTED, IGNORED, plain, to_milliseconds
from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.instrument import Instrument
from desk.model.orders import Fill, Order, OrderIntent, OrderType
from desk.ports import Clock

_ORDERS = "/api/v1/hf/orders"
_PAGE = 100
_REMEMBERED = 5_000


class SpotOrders:
    """Implements `OrderDesk` for the high-frequency account, which every account has today.

    Args:
        traded: the instruments of the account; orders elsewhere are seen only while they are open.
    """

    def __init__(self, api: Api, market: SpotMarket, *, traded: TradedInstruments, clock: Clock) -> None:
        self._api = api
        self._market = market
        self._traded = traded
        self._clock = clock
        self._symbol_of: BoundedCache[str, str] = BoundedCache(_REMEMBERED, lambda _: 1)
        self._client_id_of: BoundedCache[str, str] = BoundedCache(_REMEMBERED, lambda _: 1)

    async def send(self, intent: OrderIntent) -> Order:
        """Send an order once and return it as accepted; the quantity is rounded down to the lot."""
        instrument = await self._instrument(intent)
        body = order_body(intent, instrument)
        self._symbol_of.put(intent.client_order_id, body["symbol"])
        accepted = await self._api.post(_ORDERS, request_name(intent), ACCEPTED, body)
        self._client_id_of.put(accepted.order_id, intent.client_order_id)
        quantity = instrument.round_quantity(intent.quantity)
        return accepted_order(intent, accepted.order_id, quantity, self._clock.now())

    async def check(self, intent: OrderIntent) -> None:
        """Let the venue judge an order without placing it."""
        body = order_body(intent, await self._instrument(intent))
        await self._api.post(f"{_ORDERS}/test", f"test of {request_name(intent)}", IGNORED, body)

    async def cancel(self, order: Order) -> None:
        """Ask for a cancellation, which is carried out later."""
        path = f"{_ORDERS}/client-order/{order.client_order_id}"
        query = {"symbol": spot_symbol(order.instrument)}
        await self._api.delete(path, f"cancel {order.client_order_id}", IGNORED, query)

    async def look(self, client_order_id: str) -> Order | None:
        """Return the order with its fills, None where none of its possible symbols has it.

        Raises:
            VenueUnavailable: NO_INSTRUMENT, there is no symbol to ask about.
        """
        for symbol in await self._symbols_for(client_order_id):
            path = f"{_ORDERS}/client-order/{client_order_id}"
            found = await self._order(path, {"symbol": symbol}, client_order_id)
            if found is not None:
                return await self._with_fills(found)
        return None

    async def listed(self, client_order_id: str) -> Order | None:
        """Return the order from the lists of open and of the newest finished ones."""
        for symbol in await self._symbols_for(client_order_id):
            found = [*await self._active(symbol), *await self._done(symbol)]
            match = next((order for order in found if order.client_oid == client_order_id), None)
            if match is not None:
                return await self._with_fills(match)
        return None

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every working order, on any instrument."""
        symbols = await self._active_symbols()
        return tuple([order.order() for symbol in symbols for order in await self._active(symbol)])

    async def fills(self, start: datetime, end: datetime) -> tuple[Fill, ...]:
        """Return the fills of the account's instruments, newest first within each."""
        span = {"startAt": to_milliseconds(start), "endAt": to_milliseconds(end)}
        symbols = [spot_symbol(name) for name in await self._traded.names()]
        rows = [row for symbol in symbols for row in await self._fills({"symbol": symbol, **span})]
        return tuple([row.fill(await self._client_id(row)) for row in rows])

    async def _instrument(self, intent: OrderIntent) -> Instrument:
        known = await self._market.instruments()
        if intent.instrument not in known:
            told = f"the venue has no {intent.instrument}"
            raise InvalidOrder(VENUE, request_name(intent), "UNKNOWN_INSTRUMENT", told)
        return known[intent.instrument]

    async def _symbols_for(self, client_order_id: str) -> tuple[str, ...]:
        remembered = self._symbol_of.get(client_order_id)
        if remembered is not None:
            return (remembered,)
        instrument = await self._traded.of_order(client_order_id)
        if instrument is not None:
            return (spot_symbol(instrument),)
        traded = [spot_symbol(name) for name in await self._traded.names()]
        symbols = tuple(dict.fromkeys((*traded, *await self._active_symbols())))
        if not symbols:
            told = "expected at least one instrument that this account trades; configure its instruments"
            raise VenueUnavailable(VENUE, f"order {client_order_id}", "NO_INSTRUMENT", told)
        return symbols

    async def _active_symbols(self) -> tuple[str, ...]:
        return (await self._api.get(f"{_ORDERS}/active/symbols", "instruments of open orders", ACTIVE_SYMBOLS)).symbols

    async def _active(self, symbol: str) -> tuple[SpotOrder, ...]:
        return self._noted(await self._api.get(f"{_ORDERS}/active", "open orders", ORDERS, {"symbol": symbol}))

    async def _done(self, symbol: str) -> tuple[SpotOrder, ...]:
        query: Parameters = {"symbol": symbol, "limit": _PAGE}
        return self._noted((await self._api.get(f"{_ORDERS}/done", "finished orders", DONE_ORDERS, query)).items)

    async def _order(self, path: str, query: Parameters, name: str) -> SpotOrder | None:
        """Ask for one order; the venue says "none" with an error or with no data."""
        try:
            found = await self._api.get(path, f"order {name}", ORDER, query)
        except UnknownOrder:
            return None
        return self._noted((found,))[0] if found else None

    async def _with_fills(self, found: SpotOrder) -> Order:
        if not found.deal_size:
            return found.order()
        rows = await self._fills({"symbol": found.symbol, "orderId": found.id})
        fills = sorted((row.fill(found.client_oid) for row in rows), key=lambda fill: (fill.at, fill.venue_trade_id))
        return found.order(tuple(fills))

    async def _fills(self, query: dict[str, str | int]) -> list[SpotFill]:
        rows: list[SpotFill] = []
        page = await self._api.get("/api/v1/hf/fills", "fills", FILLS, {**query, "limit": _PAGE})
        while page.items:
            rows.extend(page.items)
            if len(page.items) < _PAGE or page.last_id is None:
                break
            older = {**query, "limit": _PAGE, "lastId": page.last_id}
            page = await self._api.get("/api/v1/hf/fills", "fills", FILLS, older)
        return rows

    async def _client_id(self, row: SpotFill) -> str:
        """Our id of a fill's order; empty for an order that was placed without one."""
        known = self._client_id_of.get(row.order_id)
        if known is not None:
            return known
        found = await self._order(f"{_ORDERS}/{row.order_id}", {"symbol": row.symbol}, row.order_id)
        return found.client_oid if found else ""

    def _noted(self, orders: tuple[SpotOrder, ...]) -> tuple[SpotOrder, ...]:
        for order in orders:
            self._client_id_of.put(order.id, order.client_oid)
        return orders


def order_body(intent: OrderIntent, instrument: Instrument) -> dict[str, Any]:
    """Return the body of a new order, the quantity rounded down to the lot.

    Raises:
        InvalidOrder: BELOW_ONE_LOT, nothing is left of the quantity.
    """
    quantity = instrument.round_quantity(intent.quantity)
    if quantity <= 0:
        told = f"expected at least {instrument.lot} of {instrument.name}, found {intent.quantity}"
        raise InvalidOrder(VENUE, request_name(intent), "BELOW_ONE_LOT", told)
    body = {
        "clientOid": intent.client_order_id,
        "symbol": spot_symbol(instrument.name),
        "side": intent.side.value,
        "type": intent.type.value,
        "size": plain(quantity),
    }
    if intent.type is OrderType.LIMIT and intent.price is not None:
        price = instrument.round_price_for(intent.side, intent.price)
        body |= {"price": plain(price), "timeInForce": intent.time_in_force.name}
    return body
