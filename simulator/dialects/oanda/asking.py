"""Reads what a client wants of an order, strictly where OANDA is strict."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from simulator.dialects.base import Refused
from simulator.dialects.oanda.rules import LONGEST_CLIENT_ID
from simulator.dialects.oanda.spelling import ours, price, units
from simulator.records import Ask

_TYPES = {"MARKET": OrderType.MARKET, "LIMIT": OrderType.LIMIT, "STOP": OrderType.STOP}
_LIVES = {"MARKET": ("FOK", "IOC"), "LIMIT": ("GTC", "IOC", "FOK"), "STOP": ("GTC",)}
_FILLS = ("DEFAULT", "OPEN_ONLY", "REDUCE_FIRST", "REDUCE_ONLY")
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_BARRIERS = ("takeProfitOnFill", "stopLossOnFill", "trailingStopLossOnFill")


class Rejection(Exception):
    """An order that is understood and not taken; `ask` is as much of it as was understood."""

    def __init__(self, ask: Ask, word: str) -> None:
        super().__init__(word)
        self.ask = replace(ask, details={**ask.details, "rejectReason": word})


def invalid(field: str) -> Refused:
    """Return the refusal of a request that is not even an order; it has no errorCode."""
    return Refused(400, {"errorMessage": f"Invalid value specified for '{field}'"})


def named_instrument(order: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> Instrument:
    """Return the instrument that an order is about."""
    found = instruments.get(ours(str(order.get("instrument", ""))))
    if found is None:
        raise invalid("order.instrument")
    return found


def read_order(order: Mapping[str, Any], instrument: Instrument, quote: Quote | None, reason: str) -> Ask:
    """Return an order that a client asked for.

    Raises:
        Refused: it is not an order.
        Rejection: it breaks a rule that can be seen without the books.
    """
    kind = order.get("type", "MARKET")
    if kind not in _TYPES:
        raise invalid("order.type")
    signed = number(order.get("units"), "order.units")
    ask = _ask(order, kind, signed, instrument, reason)
    _check(ask, order, kind, signed)
    return _with_prices(ask, order, kind, quote)


def market_order(
    signed: Decimal,
    instrument: Instrument,
    reason: str,
    *,
    trade: str = "",
    extensions: Mapping[str, Any] | None = None,
) -> Ask:
    """Return an order that closes something.

    Args:
        trade: the id of the only one that it closes.
        extensions: what the client wrote on it.
    """
    echo: dict[str, object] = {"timeInForce": "FOK", "positionFill": "REDUCE_ONLY"}
    if trade:
        echo["tradeClose"] = {"units": units(abs(signed)), "tradeID": trade}
    if extensions:
        echo["clientExtensions"] = extensions
    order = {"positionFill": "REDUCE_ONLY", "clientExtensions": extensions}
    ask = _ask(order, "MARKET", signed, instrument, reason)
    return replace(ask, details={**ask.details, "echo": echo, "trade": trade})


def number(value: object, field: str) -> Decimal:
    """Return a number that was sent as a string, or, as OANDA also takes it, as a number."""
    text = str(value)
    if not _NUMBER.match(text):
        raise invalid(field)
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise invalid(field) from error


def _ask(order: Mapping[str, Any], kind: str, signed: Decimal, instrument: Instrument, reason: str) -> Ask:
    life = order.get("timeInForce", "FOK" if kind == "MARKET" else "GTC")
    extensions = order.get("clientExtensions") or {}
    echo: dict[str, object] = {"timeInForce": life, "positionFill": order.get("positionFill", "DEFAULT")}
    if kind != "MARKET":
        echo["triggerCondition"] = order.get("triggerCondition", "DEFAULT")
    if extensions:
        echo["clientExtensions"] = extensions
    return Ask(
        instrument=instrument.name,
        side=Side.BUY if signed > 0 else Side.SELL,
        type=_TYPES[kind],
        quantity=abs(signed),
        time_in_force=TimeInForce.GTC if life == "GTC" else TimeInForce.IOC,
        reduce_only=order.get("positionFill") == "REDUCE_ONLY",
        whole=life == "FOK",
        client_id=str(extensions.get("id", "")),
        details={"type": kind, "reason": reason, "echo": echo, "signed": units(signed)},
    )


def _check(ask: Ask, order: Mapping[str, Any], kind: str, signed: Decimal) -> None:
    if order.get("positionFill", "DEFAULT") not in _FILLS:
        raise invalid("order.positionFill")
    if signed == 0:
        raise Rejection(ask, "UNITS_INVALID")
    if order.get("timeInForce", _LIVES[kind][0]) not in _LIVES[kind]:
        raise Rejection(ask, "TIME_IN_FORCE_INVALID")
    if kind != "MARKET" and order.get("price") is None:
        raise Rejection(ask, "PRICE_MISSING")
    if len(ask.client_id) > LONGEST_CLIENT_ID:
        raise Rejection(ask, "CLIENT_ORDER_ID_INVALID")


def _with_prices(ask: Ask, order: Mapping[str, Any], kind: str, quote: Quote | None) -> Ask:
    """Return the order with its prices; a market order with a bound is a limit order that does not wait."""
    level = order.get("priceBound" if kind == "MARKET" else "price")
    if level is None:
        return replace(ask, barriers=_barriers(ask, order, quote, None))
    asked = number(level, "order.price")
    bound = replace(ask, price=asked, type=OrderType.LIMIT if kind == "MARKET" else ask.type)
    return replace(bound, barriers=_barriers(ask, order, quote, None if kind == "MARKET" else asked))


def _barriers(ask: Ask, order: Mapping[str, Any], quote: Quote | None, level: Decimal | None) -> Barriers:
    target, stop, trailing = (order.get(name) or {} for name in _BARRIERS)
    start = level or (quote.price_for(ask.side) if quote else None)
    return Barriers(
        stop=_stop(stop, ask, start),
        target=number(target["price"], "order.takeProfitOnFill.price") if "price" in target else None,
        trailing_distance=number(trailing["distance"], "order.trailingStopLossOnFill.distance")
        if "distance" in trailing
        else None,
    )


def _stop(stop: Mapping[str, Any], ask: Ask, start: Decimal | None) -> Decimal | None:
    if "price" in stop:
        return number(stop["price"], "order.stopLossOnFill.price")
    if "distance" in stop and start is not None:
        return start - ask.side.sign * number(stop["distance"], "order.stopLossOnFill.distance")
    return None


def on_fill(barriers: Barriers, instrument: Instrument) -> dict[str, object]:
    """Return how OANDA tells what an order will guard its trade with."""
    told: dict[str, object] = {}
    if barriers.target is not None:
        told["takeProfitOnFill"] = {"price": price(barriers.target, instrument), "timeInForce": "GTC"}
    if barriers.stop is not None:
        told["stopLossOnFill"] = {"price": price(barriers.stop, instrument), "timeInForce": "GTC"}
    if barriers.trailing_distance is not None:
        told["trailingStopLossOnFill"] = {
            "distance": price(barriers.trailing_distance, instrument),
            "timeInForce": "GTC",
        }
    return told
