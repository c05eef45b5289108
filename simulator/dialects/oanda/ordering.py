"""Everything that changes something at OANDA: orders, cancels, replacements, closing, guards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from desk.model.instrument import Instrument
from desk.model.orders import Barriers
from simulator.dialects.base import Refused, answer, body_of
from simulator.dialects.oanda.asking import Rejection, invalid, market_order, named_instrument, number, read_order
from simulator.dialects.oanda.rules import VENUE
from simulator.dialects.oanda.session import Customer, Sessions
from simulator.dialects.oanda.telling import Told, ids, reject_word
from simulator.dialects.oanda.trades import Trade
from simulator.reasons import Reason
from simulator.records import Ask, Event, EventKind, PlacedOrder, Role

_NAMES = {
    EventKind.CREATED: "orderCreateTransaction",
    EventKind.FILLED: "orderFillTransaction",
    EventKind.CANCELLED: "orderCancelTransaction",
}
_MESSAGES = {
    "CLIENT_ORDER_ID_ALREADY_EXISTS": "The client Order ID specified is already assigned to another pending Order",
    "CLIENT_TRADE_ID_ALREADY_EXISTS": "The client Trade ID specifed is already assigned to another open Trade",
    "UNITS_PRECISION_EXCEEDED": "The units specified contain more precision than is allowed for the instrument",
    "PRICE_PRECISION_EXCEEDED": "The price specified contains more precision than is allowed for the instrument",
}


class Ordering:
    """The paths that write."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def create(self, request: Request) -> Response:
        """POST /orders."""
        customer = await self._sessions.customer(request)
        order = await _sent(request, "order")
        events = await _ordered(customer, order, "CLIENT_ORDER")
        return _outcome(customer, events, _NAMES)

    async def replace(self, request: Request) -> Response:
        """PUT /orders/{order}: the earlier one is cancelled, another takes its place."""
        customer = await self._sessions.customer(request)
        earlier = _pending(customer, request, "orderCancelRejectTransaction")
        order = await _sent(request, "order")
        extensions = {"id": earlier.client_id} if earlier.client_id else {}
        order = {"clientExtensions": extensions, **order} if extensions else order
        cancelled = await customer.exchange.cancel(customer.account, earlier.number, reason=Reason.REPLACED)
        assert cancelled is not None, f"order {earlier.number} was working a moment ago"
        events = await _ordered(customer, order, "REPLACEMENT")
        return _outcome(customer, (cancelled, *events), _NAMES)

    async def cancel(self, request: Request) -> Response:
        """PUT /orders/{order}/cancel."""
        customer = await self._sessions.customer(request)
        order = _pending(customer, request, "orderCancelRejectTransaction")
        event = await customer.exchange.cancel(customer.account, order.number)
        assert event is not None, f"order {order.number} was working a moment ago"
        return _outcome(customer, (event,), _NAMES, success=200)

    async def close_position(self, request: Request) -> Response:
        """PUT /positions/{instrument}/close."""
        customer = await self._sessions.customer(request)
        instrument = await self._sessions.instrument(request)
        sides = await body_of(request)
        if not isinstance(sides, dict):
            raise invalid("longUnits")
        held = customer.account.book.held(instrument.name)
        side, sign = ("long", -1) if held > 0 else ("short", 1)
        wanted = sides.get(f"{side}Units", "ALL")
        other = sides.get("shortUnits" if side == "long" else "longUnits", "NONE")
        if held == 0 or wanted == "NONE" or other not in ("NONE", "ALL"):
            return await _no_position(customer, instrument, "short" if side == "long" and held else side)
        quantity = abs(held) if wanted == "ALL" else number(wanted, f"{side}Units")
        extensions = sides.get(f"{side}ClientExtensions")
        ask = market_order(sign * quantity, instrument, "POSITION_CLOSEOUT", extensions=extensions)
        events = await customer.exchange.submit(customer.account, ask)
        names = {kind: f"{side}O{name[1:]}" for kind, name in _NAMES.items()}
        return _outcome(customer, events, names, success=200)

    async def close_trade(self, request: Request) -> Response:
        """PUT /trades/{trade}/close."""
        customer = await self._sessions.customer(request)
        trade = _open_trade(customer, request)
        body = await body_of(request)
        wanted = body.get("units", "ALL") if isinstance(body, dict) else "ALL"
        quantity = abs(trade.current) if wanted == "ALL" else number(wanted, "units")
        signed = -quantity if trade.current > 0 else quantity
        ask = market_order(signed, customer.instruments[trade.instrument], "TRADE_CLOSE", trade=str(trade.id))
        return _outcome(customer, await customer.exchange.submit(customer.account, ask), _NAMES, success=200)

    async def guard_trade(self, request: Request) -> Response:
        """PUT /trades/{trade}/orders: replaces what is given, cancels what is null, leaves what is missing."""
        customer = await self._sessions.customer(request)
        trade = _open_trade(customer, request)
        body = await body_of(request)
        if not isinstance(body, dict):
            raise invalid("takeProfit")
        before = customer.account.book.holdings[trade.instrument].position.barriers
        events = await customer.exchange.set_barriers(customer.account, trade.instrument, _guards(before, body))
        customer.trades.read_on()
        told: Told = {"relatedTransactionIDs": ids(events), "lastTransactionID": customer.last_id}
        names = {"STOP_LOSS": "stopLoss", "TAKE_PROFIT": "takeProfit", "TRAILING_STOP_LOSS": "trailingStopLoss"}
        for event in events:
            assert event.order is not None, f"event {event.id} has no order"
            suffix = "OrderTransaction" if event.kind is EventKind.CREATED else "OrderCancelTransaction"
            told[names[customer.tell.kind(event.order)] + suffix] = customer.tell.transaction(event)
        return answer(told)


async def _ordered(customer: Customer, order: Mapping[str, Any], reason: str) -> Sequence[Event]:
    """Take an order; what is wrong with it is written down as a rejection."""
    instrument = named_instrument(order, customer.instruments)
    quotes = await customer.exchange.quotes([instrument.name])
    try:
        ask = read_order(order, instrument, quotes.get(instrument.name), reason)
        extensions = order.get("tradeClientExtensions") or {}
        if _is_taken(customer, ask, str(extensions.get("id", ""))):
            raise Rejection(ask, "CLIENT_TRADE_ID_ALREADY_EXISTS")
    except Rejection as rejection:
        return (await customer.exchange.reject(customer.account, rejection.ask),)
    details = {**ask.details, "tradeClientExtensions": extensions} if extensions else ask.details
    return await customer.exchange.submit(customer.account, replace(ask, details=details))


def _is_taken(customer: Customer, ask: Ask, client_id: str) -> bool:
    """Whether the order would open a trade under a name that an open one has."""
    signed, held = ask.side.sign * ask.quantity, customer.account.book.held(ask.instrument)
    opens = not ask.reduce_only and (signed * held >= 0 or abs(signed) > abs(held))
    trade = customer.trade(f"@{client_id}") if client_id and opens else None
    return trade is not None and bool(trade.current)


async def _sent(request: Request, name: str) -> Mapping[str, Any]:
    body = await body_of(request)
    if not isinstance(body, dict) or not isinstance(body.get(name), dict):
        raise invalid(name)
    found: Mapping[str, Any] = body[name]
    return found


def _outcome(
    customer: Customer, events: Sequence[Event], names: Mapping[EventKind, str], *, success: int = 201
) -> Response:
    """Tell what an order led to."""
    customer.trades.read_on()
    told: Told = {"relatedTransactionIDs": ids(events), "lastTransactionID": customer.last_id}
    rejected = next((event for event in events if event.kind is EventKind.REJECTED), None)
    if rejected is not None:
        return _rejected(customer, rejected, told)
    for event in events:
        if event.order is not None and not _is_guard(event):
            told.setdefault(names[event.kind], customer.tell.transaction(event))
    created = next((event.id for event in events if event.kind is EventKind.CREATED), None)
    path = f"/v3/accounts/{customer.account.name}/orders/{created}"
    return answer(told, success, {"Location": path} if created and success == 201 else None)


def _rejected(customer: Customer, event: Event, told: Told) -> Response:
    word = reject_word(event)
    message = _MESSAGES.get(word, word.replace("_", " ").capitalize())
    reject = {"orderRejectTransaction": customer.tell.transaction(event)}
    return answer(told | reject | {"errorCode": word, "errorMessage": message}, 400)


def _is_guard(event: Event) -> bool:
    return event.order is not None and event.order.role is not Role.PLAIN


def _pending(customer: Customer, request: Request, name: str) -> PlacedOrder:
    order = customer.order(request.path_params["order"], lag=VENUE.lag)
    if order is not None and order.is_working:
        return order
    number_or_name = request.path_params["order"]
    reject: Told = {"type": "ORDER_CANCEL_REJECT", "orderID": number_or_name, "rejectReason": "ORDER_DOESNT_EXIST"}
    raise Refused(
        404,
        {
            name: reject,
            "relatedTransactionIDs": [],
            "lastTransactionID": customer.last_id,
            "errorCode": "ORDER_DOESNT_EXIST",
            "errorMessage": "The Order specified does not exist",
        },
    )


def _open_trade(customer: Customer, request: Request) -> Trade:
    trade = customer.trade(request.path_params["trade"])
    if trade is not None and trade.current:
        return trade
    raise Refused(
        404,
        {
            "lastTransactionID": customer.last_id,
            "errorCode": "TRADE_DOESNT_EXIST",
            "errorMessage": "The Trade specified does not exist",
        },
    )


async def _no_position(customer: Customer, instrument: Instrument, side: str) -> Response:
    ask = market_order(Decimal(-1), instrument, "POSITION_CLOSEOUT")
    word = "CLOSEOUT_POSITION_DOESNT_EXIST"
    ask = replace(ask, quantity=Decimal(0), details={**ask.details, "signed": "0", "rejectReason": word})
    event = await customer.exchange.reject(customer.account, ask)
    return answer(
        {
            f"{side}OrderRejectTransaction": customer.tell.transaction(event),
            "relatedTransactionIDs": ids([event]),
            "lastTransactionID": customer.last_id,
            "errorCode": word,
            "errorMessage": "The Position requested to be closed out does not exist",
        },
        400,
    )


def _guards(before: Barriers, body: Mapping[str, Any]) -> Barriers:
    def changed(name: str, field: str, kept: Decimal | None) -> Decimal | None:
        if name not in body:
            return kept
        return number(body[name].get(field), f"{name}.{field}") if body[name] else None

    return Barriers(
        stop=changed("stopLoss", "price", before.stop),
        target=changed("takeProfit", "price", before.target),
        trailing_distance=changed("trailingStopLoss", "distance", before.trailing_distance),
        time_limit=before.time_limit,
    )
