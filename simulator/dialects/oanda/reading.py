"""Everything that only tells something at OANDA."""

from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response

from desk.model.instrument import Instrument
from desk.model.orders import OrderState
from simulator.dialects.base import Refused, answer
from simulator.dialects.oanda.asking import invalid
from simulator.dialects.oanda.candles import Asked, read_asked, read_candles, read_specifications
from simulator.dialects.oanda.money import (
    tell_conversions,
    tell_instrument,
    tell_open_trades,
    tell_pending,
    tell_position,
    tell_positions,
    tell_quote,
    tell_summary,
)
from simulator.dialects.oanda.rules import VENUE
from simulator.dialects.oanda.session import Customer, Sessions
from simulator.dialects.oanda.spelling import ours, spelled, time
from simulator.dialects.oanda.telling import Told
from simulator.dialects.oanda.trades import Trade
from simulator.records import Event, PlacedOrder

_MOST_TRANSACTIONS = 1_000
_MOST_ORDERS = 500
_STATES: dict[str, Callable[[PlacedOrder], bool]] = {
    "PENDING": lambda order: order.is_working,
    "FILLED": lambda order: order.order.state is OrderState.FILLED,
    "CANCELLED": lambda order: order.order.state is OrderState.CANCELLED,
    "TRIGGERED": lambda order: False,
    "ALL": lambda order: True,
}
_TRADES: dict[str, Callable[[Trade], bool]] = {
    "OPEN": lambda trade: bool(trade.current),
    "CLOSED": lambda trade: not trade.current,
    "CLOSE_WHEN_TRADEABLE": lambda trade: False,
    "ALL": lambda trade: True,
}


class Reading:
    """The paths that read."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def accounts(self, request: Request) -> Response:
        """GET /accounts."""
        return answer({"accounts": [{"id": one.name, "tags": []} for one in self._sessions.owned(request)]})

    async def account(self, request: Request) -> Response:
        """GET /accounts/{account}: everything at once."""
        customer = await self._sessions.customer(request)
        market = await customer.exchange.market(customer.account)
        everything = {
            "orders": tell_pending(customer),
            "trades": tell_open_trades(customer, market),
            "positions": await tell_positions(customer, flat=True),
        }
        return _told(customer, {"account": await tell_summary(customer) | everything})

    async def summary(self, request: Request) -> Response:
        """GET /summary."""
        customer = await self._sessions.customer(request)
        return _told(customer, {"account": await tell_summary(customer)})

    async def changes(self, request: Request) -> Response:
        """GET /changes."""
        customer = await self._sessions.customer(request)
        since = _whole(request, "sinceTransactionID")
        news = [event for event in customer.seen() if event.id > since]
        changes = {"transactions": [customer.tell.transaction(event) for event in news], **_moved(customer, news)}
        summary = await tell_summary(customer)
        state = {name: summary[name] for name in ("NAV", "unrealizedPL", "marginUsed", "marginAvailable")}
        return _told(customer, {"changes": changes, "state": state})

    async def instruments(self, request: Request) -> Response:
        """GET /instruments."""
        customer = await self._sessions.customer(request)
        names = _names(request) or list(customer.instruments)
        listed = [customer.instruments[name] for name in names if name in customer.instruments]
        if len(listed) < len(names):
            raise invalid("instruments")
        return _told(customer, {"instruments": [tell_instrument(one) for one in listed]})

    async def candles(self, request: Request) -> Response:
        """GET /instruments/{instrument}/candles, with and without an account."""
        if "account" in request.path_params:
            await self._sessions.customer(request)
        else:
            self._sessions.owned(request)
        instrument, asked = await self._sessions.instrument(request), read_asked(request.query_params)
        return answer(await self._candles(instrument, asked))

    async def latest_candles(self, request: Request) -> Response:
        """GET /candles/latest: of each specification the last complete candle and the one that is forming."""
        customer = await self._sessions.customer(request)
        asked = [(ours(name), one) for name, one in read_specifications(request.query_params)]
        if not {name for name, _ in asked} <= customer.instruments.keys():
            raise invalid("candleSpecifications")
        return answer({"latestCandles": [await self._candles(customer.instruments[name], one) for name, one in asked]})

    async def _candles(self, instrument: Instrument, asked: Asked) -> Told:
        rows = await read_candles(self._sessions.exchange, instrument, asked)
        return {"instrument": spelled(instrument.name), "granularity": asked.granularity, "candles": rows}

    async def pricing(self, request: Request) -> Response:
        """GET /pricing."""
        customer = await self._sessions.customer(request)
        names, style = priced_names(customer), customer.style
        quotes = await customer.exchange.quotes(names)
        prices = [tell_quote(quotes[name], customer.instruments[name], style) for name in names if name in quotes]
        told: Told = {"time": time(customer.exchange.clock.told(), style), "prices": prices}
        if request.query_params.get("includeHomeConversions", "").lower() == "true":
            told["homeConversions"] = tell_conversions(await customer.exchange.market(customer.account))
        return answer(told)

    async def orders(self, request: Request) -> Response:
        """GET /orders: newest first."""
        customer = await self._sessions.customer(request)
        state = request.query_params.get("state", "PENDING")
        if state not in _STATES:
            raise invalid("state")
        chosen = [order for order in customer.orders() if _STATES[state](order) and _is_chosen(request, order)]
        told = [customer.tell.order(order) for order in reversed(chosen)]
        return _told(customer, {"orders": told[: _count(request)]})

    async def pending(self, request: Request) -> Response:
        """GET /pendingOrders."""
        customer = await self._sessions.customer(request)
        return _told(customer, {"orders": tell_pending(customer)})

    async def order(self, request: Request) -> Response:
        """GET /orders/{order}: a new one is not found for a moment."""
        customer = await self._sessions.customer(request)
        order = customer.order(request.path_params["order"], lag=VENUE.lag)
        if order is None:
            raise _unknown(customer, "ORDER", "The order ID specified does not exist")
        return _told(customer, {"order": customer.tell.order(order)})

    async def trades(self, request: Request) -> Response:
        """GET /trades: newest first."""
        customer = await self._sessions.customer(request)
        state = request.query_params.get("state", "OPEN")
        if state not in _TRADES:
            raise invalid("state")
        name = ours(request.query_params.get("instrument", ""))
        chosen = [
            one for one in customer.trades.trades.values() if _TRADES[state](one) and name in ("", one.instrument)
        ]
        before = _whole(request, "beforeID", 0)
        told = [customer.tell.trade(one) for one in reversed(chosen) if not before or one.id < before]
        return _told(customer, {"trades": told[: _count(request)]})

    async def open_trades(self, request: Request) -> Response:
        """GET /openTrades."""
        customer = await self._sessions.customer(request)
        market = await customer.exchange.market(customer.account)
        return _told(customer, {"trades": tell_open_trades(customer, market)})

    async def trade(self, request: Request) -> Response:
        """GET /trades/{trade}."""
        customer = await self._sessions.customer(request)
        trade = customer.trade(request.path_params["trade"])
        if trade is None:
            raise _unknown(customer, "TRADE", "The trade ID specified does not exist")
        return _told(customer, {"trade": customer.tell.trade(trade)})

    async def positions(self, request: Request) -> Response:
        """GET /positions: everything that was ever traded."""
        customer = await self._sessions.customer(request)
        return _told(customer, {"positions": await tell_positions(customer, flat=True)})

    async def open_positions(self, request: Request) -> Response:
        """GET /openPositions."""
        customer = await self._sessions.customer(request)
        return _told(customer, {"positions": await tell_positions(customer, flat=False)})

    async def position(self, request: Request) -> Response:
        """GET /positions/{instrument}."""
        customer = await self._sessions.customer(request)
        instrument = await self._sessions.instrument(request)
        market = await customer.exchange.market(customer.account)
        return _told(customer, {"position": tell_position(customer, market, instrument.name)})

    async def transactions(self, request: Request) -> Response:
        """GET /transactions: links to pages, no transactions."""
        customer = await self._sessions.customer(request)
        size = _whole(request, "pageSize", 100)
        if not 1 <= size <= _MOST_TRANSACTIONS:
            raise invalid("pageSize")
        count = len(customer.account.events)
        base = str(request.url.replace(query="")).rstrip("/")
        pages = [
            f"{base}/idrange?from={first}&to={min(count, first + size - 1)}" for first in range(1, count + 1, size)
        ]
        began, ends = (time(at) for at in (customer.account.opened_at, customer.exchange.clock.now()))
        return _told(customer, {"from": began, "to": ends, "pageSize": size, "count": count, "pages": pages})

    async def id_range(self, request: Request) -> Response:
        """GET /transactions/idrange: both ends belong to it."""
        customer = await self._sessions.customer(request)
        first, last = _whole(request, "from"), _whole(request, "to")
        if not 1 <= first <= last <= len(customer.account.events):
            raise Refused(416, {"errorMessage": "The Transaction range specified is invalid"})
        return _transactions(customer, [event for event in customer.seen() if first <= event.id <= last])

    async def since_id(self, request: Request) -> Response:
        """GET /transactions/sinceid: the id itself does not belong to it."""
        customer = await self._sessions.customer(request)
        since = _whole(request, "id")
        if since > len(customer.account.events):
            raise _unknown(customer, "TRANSACTION", "The transaction ID specified does not exist")
        return _transactions(customer, [event for event in customer.seen() if event.id > since])

    async def transaction(self, request: Request) -> Response:
        """GET /transactions/{transaction}."""
        customer = await self._sessions.customer(request)
        found = [event for event in customer.seen() if str(event.id) == request.path_params["transaction"]]
        if not found:
            raise _unknown(customer, "TRANSACTION", "The transaction ID specified does not exist")
        return _told(customer, {"transaction": customer.tell.transaction(found[0])})


def _told(customer: Customer, body: Told) -> Response:
    return answer({**body, "lastTransactionID": customer.last_id})


def _transactions(customer: Customer, events: list[Event]) -> Response:
    page = events[:_MOST_TRANSACTIONS]
    return _told(customer, {"transactions": [customer.tell.transaction(event) for event in page]})


def _moved(customer: Customer, news: Iterable[Event]) -> Told:
    """Tell the orders that changed, by how they stand now."""
    numbers = {event.order.number for event in news if event.order is not None}
    orders = [order for number, order in customer.account.orders.items() if number in numbers]
    return {
        "ordersCreated": [customer.tell.order(order) for order in orders if order.is_working],
        "ordersFilled": [customer.tell.order(order) for order in orders if _STATES["FILLED"](order)],
        "ordersCancelled": [customer.tell.order(order) for order in orders if _STATES["CANCELLED"](order)],
    }


def _unknown(customer: Customer, what: str, message: str) -> Refused:
    code = f"NO_SUCH_{what}"
    return Refused(404, {"errorCode": code, "errorMessage": message, "lastTransactionID": customer.last_id})


def priced_names(customer: Customer) -> list[str]:
    """Return the instruments whose prices a client asks for.

    Raises:
        Refused: there is none, or one of them is not listed.
    """
    names = _names(customer.request)
    if not names or not set(names) <= customer.instruments.keys():
        raise invalid("instruments")
    return names


def _names(request: Request) -> list[str]:
    return [ours(name) for name in request.query_params.get("instruments", "").split(",") if name]


def _whole(request: Request, name: str, default: int | None = None) -> int:
    text = request.query_params.get(name, "" if default is None else str(default))
    if not text.isdecimal():
        raise invalid(name)
    return int(text)


def _count(request: Request) -> int:
    count = _whole(request, "count", 50)
    if not 1 <= count <= _MOST_ORDERS:
        raise invalid("count")
    return count


def _is_chosen(request: Request, order: PlacedOrder) -> bool:
    name, wanted = ours(request.query_params.get("instrument", "")), request.query_params.get("ids", "")
    before = _whole(request, "beforeID", 0)
    return (
        name in ("", order.intent.instrument)
        and (not wanted or str(order.number) in wanted.split(","))
        and (not before or order.number < before)
    )
