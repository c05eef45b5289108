"""Reads orders as clients write them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request

from desk.model.books import Quote
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from simulator.dialects.base import body_of
from simulator.dialects.coinbase.brackets import KIND as BRACKET
from simulator.dialects.coinbase.listing import Product
from simulator.dialects.coinbase.rules import TAKER, Rejected, invalid
from simulator.dialects.coinbase.sent import KINDS, Sent
from simulator.reasons import Reason
from simulator.records import Ask

_CENT = Decimal("0.01")
_UNSUPPORTED = "UNSUPPORTED_ORDER_CONFIGURATION"
_UP, _DOWN = "STOP_DIRECTION_STOP_UP", "STOP_DIRECTION_STOP_DOWN"

Body = Mapping[str, Any]


async def body_in(request: Request) -> Body:
    """Return what was sent, which must be an object."""
    body = await body_of(request)
    if not isinstance(body, dict):
        raise invalid("expected a JSON object")
    return body


def words_in(body: Body, name: str) -> str:
    """Return a text that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is required")
    return value


def number(value: object, name: str) -> Decimal:
    """Return a number that may be written as a text."""
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise invalid(f"{name} is not a number") from error
    if not found.is_finite():
        raise invalid(f"{name} is not a number")
    return found


def moment(value: object, name: str) -> datetime:
    """Return an aware time."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(f"{name} is not a time of RFC 3339") from error
    if found.tzinfo is None:
        raise invalid(f"{name} has no time zone")
    return found


def read_order(body: Body, product: Product, quote: Quote) -> tuple[Ask, Sent]:
    """Return an order as the exchange takes it and as it was sent.

    Raises:
        Refused: the request is not well formed.
        Rejected: the venue does not take such an order.
    """
    side, sent = _side(body), _sent(body, product)
    kind = KINDS[sent.kind]
    price = _price(sent, side, quote, product)
    is_passive = sent.settings.get("post_only") is True
    if is_passive and price is not None and (price - quote.price_for(side)) * side.sign >= 0:
        raise Rejected.because(Reason.WOULD_TAKE)
    ask = Ask(
        instrument=product.instrument.name,
        side=side,
        type=_waits_as(sent, side),
        quantity=_quantity(sent, side, quote, product),
        price=price,
        time_in_force=TimeInForce.IOC if kind.at_once else TimeInForce.GTC,
        barriers=_barriers(body, sent, side, quote),
        whole=kind.whole,
        passive=is_passive,
        client_id=str(body.get("client_order_id", "")),
        details={"sent": sent},
    )
    return ask, sent


def _side(body: Body) -> Side:
    name = words_in(body, "side")
    if name not in ("BUY", "SELL"):
        raise invalid("side is neither BUY nor SELL")
    return Side.BUY if name == "BUY" else Side.SELL


def _sent(body: Body, product: Product) -> Sent:
    configurations = body.get("order_configuration")
    if not isinstance(configurations, dict) or len(configurations) != 1:
        raise invalid("order_configuration needs exactly one configuration")
    ((kind, settings),) = configurations.items()
    if kind not in KINDS:
        raise Rejected(_UNSUPPORTED)
    if not isinstance(settings, dict):
        raise invalid(f"{kind} is not an object")
    worst = number(settings.get("limit_price"), "limit_price") if KINDS[kind].type is not OrderType.MARKET else None
    in_quote = number(settings["quote_size"], "quote_size") if settings.get("quote_size") and worst is None else None
    end = moment(settings.get("end_time"), "end_time") if kind.endswith("_gtd") else None
    return Sent(product.id, product.quote, kind, settings, worst, in_quote, end)


def _quantity(sent: Sent, side: Side, quote: Quote, product: Product) -> Decimal:
    """Return base units; an order that names what it may cost pays its fee out of that."""
    if sent.in_quote is None:
        return number(sent.settings.get("base_size"), "base_size")
    if side is Side.SELL:
        raise Rejected(_UNSUPPORTED)
    if sent.in_quote % _CENT:
        raise Rejected.in_preview("PREVIEW_INVALID_QUOTE_SIZE_PRECISION")
    return product.instrument.round_quantity(sent.in_quote / (1 + TAKER) / quote.ask)


def _price(sent: Sent, side: Side, quote: Quote, product: Product) -> Decimal | None:
    """Return the price that the exchange waits for."""
    if sent.worst is not None and product.instrument.round_price(sent.worst) != sent.worst:
        raise Rejected.because(Reason.OFF_THE_TICK)
    if not sent.kind.startswith("stop_"):
        return sent.worst
    stop = number(sent.settings.get("stop_price"), "stop_price")
    if _direction(sent) == _UP and stop <= quote.mid:
        raise Rejected.in_preview("PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE")
    if _direction(sent) == _DOWN and stop >= quote.mid:
        raise Rejected.in_preview("PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE")
    if sent.worst is not None and _waits_as(sent, side) is OrderType.STOP and (stop - sent.worst) * side.sign > 0:
        above = "ABOVE" if side is Side.BUY else "BELOW"
        raise Rejected.in_preview(f"PREVIEW_STOP_PRICE_{above}_LIMIT_PRICE")
    return stop


def _direction(sent: Sent) -> str:
    direction = sent.settings.get("stop_direction")
    if direction not in (_UP, _DOWN):
        raise invalid("stop_direction is required")
    return str(direction)


def _waits_as(sent: Sent, side: Side) -> OrderType:
    """Return what the order is to the exchange: one that waits for a better price is a limit order."""
    if not sent.kind.startswith("stop_"):
        return KINDS[sent.kind].type
    worse = _UP if side is Side.BUY else _DOWN
    return OrderType.STOP if _direction(sent) == worse else OrderType.LIMIT


def _barriers(body: Body, sent: Sent, side: Side, quote: Quote) -> Barriers:
    """Return the stop and target that an order brings, or those that it is."""
    attached = body.get("attached_order_configuration")
    if sent.kind.startswith("trigger_bracket_"):
        barriers = _pair(sent.settings)
        if side is Side.BUY or attached:
            raise Rejected.in_preview("PREVIEW_INVALID_BRACKET_ORDER_SIDE")
        if not (barriers.stop or 0) < quote.bid < (barriers.target or 0):
            raise Rejected.in_preview("PREVIEW_INVALID_BRACKET_PRICES")
        return barriers
    if not attached:
        return Barriers()
    if not isinstance(attached, dict) or list(attached) != [BRACKET] or side is Side.SELL:
        raise Rejected(_UNSUPPORTED)
    prices = attached[BRACKET]
    if not isinstance(prices, dict) or "base_size" in prices:
        raise Rejected(_UNSUPPORTED)
    return _pair(prices)


def _pair(prices: Mapping[str, Any]) -> Barriers:
    return Barriers(
        stop=number(prices.get("stop_trigger_price"), "stop_trigger_price"),
        target=number(prices.get("limit_price"), "limit_price"),
    )
