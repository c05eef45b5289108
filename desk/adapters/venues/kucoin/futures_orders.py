"""Orders of the futures market: whole lots of a contract, reduce-only, with stop and target attached."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from desk.adapters.feeds.bounded import BoundedCache
from desk.adapters.venue_http.session import Parameters
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.errors import VENUE, UnknownOrder
from desk.adapters.venues.kucoin.futures_market import FuturesMarket
from desk.adapters.venues.kucoin.futures_wire import (
    FILL_PAGE,
    ORDER,
    ORDER_PAGE,
    Contract,
    FuturesFill,
    FuturesOrder,
)
from desk.adapters.venues.kucoin.trading import accepted_order, request_name
from desk.adapters.venues.kucoin.wire import ACCEPTED, IGNORED, Page, plain, to_milliseconds
from desk.errors import InvalidOrder
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, Order, OrderIntent, OrderType
from desk.ports import Clock

T = TypeVar("T")

_ORDERS = "/api/v1/orders"
_WITH_BARRIERS = "/api/v1/st-orders"
_PAGE = 100
_REMEMBERED = 5_000
_TRIGGER = "TP"  # the last traded price


@dataclass(frozen=True, slots=True)
class MarginTerms:
    """How positions are margined; the mode has to be the one that the account has set for the contract.

    Attributes:
        leverage: of a position that an order opens, where the margin is isolated; in cross mode the account's counts.
    """

    mode: Literal["ISOLATED", "CROSS"] = "ISOLATED"
    leverage: int = 1


class FuturesOrders:
    """Implements `OrderDesk` for linear perpetuals; orders on other contracts are left out."""

    def __init__(self, api: Api, market: FuturesMarket, *, margin: MarginTerms, clock: Clock) -> None:
        self._api = api
        self._market = market
        self._margin = margin
        self._clock = clock
        self._client_id_of: BoundedCache[str, str] = BoundedCache(_REMEMBERED, lambda _: 1)

    async def send(self, intent: OrderIntent) -> Order:
        """Send an order once and return it as accepted; the quantity is rounded down to whole lots."""
        contract = await self._contract(intent)
        body = order_body(intent, contract, self._margin)
        path = _WITH_BARRIERS if "triggerStopUpPrice" in body or "triggerStopDownPrice" in body else _ORDERS
        accepted = await self._api.post(path, request_name(intent), ACCEPTED, body)
        self._client_id_of.put(accepted.order_id, intent.client_order_id)
        quantity = contract.lots(intent.quantity) * contract.multiplier
        return accepted_order(intent, accepted.order_id, quantity, self._clock.now())

    async def check(self, intent: OrderIntent) -> None:
        """Let the venue judge an order without placing it; attached stops are not part of that."""
        body = order_body(intent, await self._contract(intent), self._margin)
        plain_order = {name: value for name, value in body.items() if not name.startswith("triggerStop")}
        await self._api.post(f"{_ORDERS}/test", f"test of {request_name(intent)}", IGNORED, plain_order)

    async def close(self, client_order_id: str, symbol: str, side: Side) -> str:
        """Send an order once that closes the whole position in a contract, and return the venue's id of it."""
        body = {
            "clientOid": client_order_id,
            "symbol": symbol,
            "side": side.value,
            "type": OrderType.MARKET.value,
            "closeOrder": True,
            "marginMode": self._margin.mode,
        }
        accepted = await self._api.post(_ORDERS, f"order {client_order_id} (close {symbol})", ACCEPTED, body)
        return accepted.order_id

    async def cancel(self, order: Order) -> None:
        """Ask for a cancellation by the venue's id, which serves for waiting stops too."""
        path = f"{_ORDERS}/{order.venue_order_id}"
        await self._api.delete(path, f"cancel {order.client_order_id}", IGNORED)

    async def look(self, client_order_id: str) -> Order | None:
        """Return the order with its fills, None where the venue shows none now."""
        query = {"clientOid": client_order_id}
        found = await self._order(f"{_ORDERS}/byClientOid", query, client_order_id)
        return await self._with_fills(found) if found else None

    async def listed(self, client_order_id: str) -> Order | None:
        """Return the order from the lists of open ones, of waiting stops and of the newest finished ones."""
        finished: Parameters = {"status": "done", "pageSize": _PAGE}
        done = (await self._api.get(_ORDERS, "finished orders", ORDER_PAGE, finished)).items
        for found in (*await self._working(), *done):
            if found.client_oid == client_order_id:
                return await self._with_fills(found)
        return None

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every working order and every waiting stop."""
        contracts = await self._market.contracts()
        found = (order for order in await self._working() if order.symbol in contracts)
        return tuple(order.order(contracts.of_symbol(order.symbol)) for order in found)

    async def fills(self, start: datetime, end: datetime) -> tuple[Fill, ...]:
        """Return the fills of all linear perpetuals, newest first."""
        contracts = await self._market.contracts()
        rows = await self._fills({"startAt": to_milliseconds(start), "endAt": to_milliseconds(end)})
        linear = [row for row in rows if row.symbol in contracts]
        return tuple([row.fill(await self._client_id(row), contracts.of_symbol(row.symbol)) for row in linear])

    async def _contract(self, intent: OrderIntent) -> Contract:
        contract = (await self._market.contracts()).by_name.get(intent.instrument)
        if contract is None:
            told = f"the venue has no {intent.instrument}"
            raise InvalidOrder(VENUE, request_name(intent), "UNKNOWN_INSTRUMENT", told)
        return contract

    async def _working(self) -> list[FuturesOrder]:
        """Open orders, asked for by status because the venue lists finished ones without it, and waiting stops."""
        resting = await self._all_orders(_ORDERS, {"status": "active"})
        waiting = await self._all_orders("/api/v1/stopOrders", {})
        found = {order.id: order for order in (*resting, *waiting)}
        self._note(found.values())
        return list(found.values())

    async def _all_orders(self, path: str, query: dict[str, str | int]) -> list[FuturesOrder]:
        return await _all_pages(
            lambda number: self._api.get(
                path, "open orders", ORDER_PAGE, {**query, "currentPage": number, "pageSize": _PAGE}
            )
        )

    async def _order(self, path: str, query: Parameters, name: str) -> FuturesOrder | None:
        try:
            return await self._api.get(path, f"order {name}", ORDER, query)
        except UnknownOrder:
            return None

    async def _with_fills(self, found: FuturesOrder) -> Order:
        contract = (await self._market.contracts()).of_symbol(found.symbol)
        if not found.filled_size:
            return found.order(contract)
        rows = await self._fills({"orderId": found.id})
        fills = (row.fill(found.client_oid, contract) for row in rows)
        return found.order(contract, tuple(sorted(fills, key=lambda fill: (fill.at, fill.venue_trade_id))))

    async def _fills(self, query: dict[str, str | int]) -> list[FuturesFill]:
        return await _all_pages(
            lambda number: self._api.get(
                "/api/v1/fills", "fills", FILL_PAGE, {**query, "currentPage": number, "pageSize": _PAGE}
            )
        )

    async def _client_id(self, row: FuturesFill) -> str:
        """Our id of a fill's order; empty for an order that was placed without one."""
        known = self._client_id_of.get(row.order_id)
        if known is not None:
            return known
        found = await self._order(f"{_ORDERS}/{row.order_id}", {}, row.order_id)
        if found is None:
            return ""
        self._note((found,))
        return found.client_oid

    def _note(self, orders: Iterable[FuturesOrder]) -> None:
        for order in orders:
            self._client_id_of.put(order.id, order.client_oid)


async def _all_pages(read: Callable[[int], Awaitable[Page[T]]]) -> list[T]:
    page = await read(1)
    found = list(page.items)
    while page.items and page.current_page < page.total_page:
        page = await read(page.current_page + 1)
        found.extend(page.items)
    return found


def order_body(intent: OrderIntent, contract: Contract, margin: MarginTerms) -> dict[str, Any]:
    """Return the body of a new order in lots, rounded down.

    Raises:
        InvalidOrder: BELOW_ONE_LOT, nothing is left of the quantity.
    """
    lots = contract.lots(intent.quantity)
    if lots <= 0:
        told = f"expected at least {contract.instrument().lot} of {intent.instrument}, found {intent.quantity}"
        raise InvalidOrder(VENUE, request_name(intent), "BELOW_ONE_LOT", told)
    body: dict[str, Any] = {
        "clientOid": intent.client_order_id,
        "symbol": contract.symbol,
        "side": intent.side.value,
        "type": OrderType.LIMIT.value if intent.type is OrderType.LIMIT else OrderType.MARKET.value,
        "size": lots,
        "marginMode": margin.mode,
        "reduceOnly": intent.reduce_only,
    }
    if margin.mode == "ISOLATED":
        body["leverage"] = margin.leverage
    return body | _price(intent, contract) | _barriers(intent, contract)


def _price(intent: OrderIntent, contract: Contract) -> dict[str, Any]:
    if intent.price is None:
        return {}
    instrument = contract.instrument()
    if intent.type is OrderType.LIMIT:
        price = instrument.round_price_for(intent.side, intent.price)
        return {"price": plain(price), "timeInForce": intent.time_in_force.name}
    direction = "up" if intent.side is Side.BUY else "down"
    return {"stop": direction, "stopPrice": plain(instrument.round_price(intent.price)), "stopPriceType": _TRIGGER}


def _barriers(intent: OrderIntent, contract: Contract) -> dict[str, Any]:
    """Stop and target of the position that an order opens: above and below the price, by its direction."""
    if intent.reduce_only or intent.type is OrderType.STOP or intent.barriers == Barriers():
        return {}
    stop, target = intent.barriers.stop, intent.barriers.target
    above, below = (target, stop) if intent.side is Side.BUY else (stop, target)
    prices = {"triggerStopUpPrice": above, "triggerStopDownPrice": below}
    round_price = contract.instrument().round_price
    attached = {name: plain(round_price(price)) for name, price in prices.items() if price is not None}
    return {**attached, "stopPriceType": _TRIGGER} if attached else {}
