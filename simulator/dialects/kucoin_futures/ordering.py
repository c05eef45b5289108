"""Reads what a client wants of a futures order."""

import re
from collections.abc import Mapping
from decimal import Decimal

from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from simulator.account import Account
from simulator.dialects.kucoin_common.call import Form
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_futures.rules import VENUE, multiplier_of
from simulator.records import Ask

CODE = "100001"
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SIZES = ("size", "qty", "valueQty")
_FLAGS = ("postOnly", "hidden", "iceberg", "forceHold", "closeOrder")
MODES = ("ISOLATED", "CROSS")


def read_order(form: Form, account: Account, instrument: Instrument, quote: Quote | None, *, mode: str) -> Ask:
    """Return an order as it was asked for.

    Args:
        mode: the contract's margin mode, which the order has to have.

    Raises:
        Refused: it is not one.
    """
    if form.chosen("marginMode", MODES, default="ISOLATED") != mode:
        raise wrong("330005")
    closes = form.flag("closeOrder")
    side = _closing(account, instrument) if closes else Side(form.chosen("side", ("buy", "sell")))
    kind = form.chosen("type", ("limit", "market"), default="limit")
    life = form.chosen("timeInForce", ("GTC", "IOC"), default="GTC")
    stop = form.chosen("stop", ("", "up", "down"))
    type_, price = _waiting(form, side, kind, stop)
    return Ask(
        instrument=instrument.name,
        side=side,
        type=type_,
        quantity=abs(account.book.held(instrument.name)) if closes else _quantity(form, instrument, side, quote),
        price=price,
        barriers=_barriers(form, side),
        time_in_force=TimeInForce.IOC if not stop and (kind == "market" or life == "IOC") else TimeInForce.GTC,
        reduce_only=closes or form.flag("reduceOnly"),
        passive=form.flag("postOnly"),
        client_id=_client_id(form),
        details=_details(form, kind, life, stop, mode),
    )


def _details(form: Form, kind: str, life: str, stop: str, mode: str) -> Mapping[str, object]:
    leverage = form.number("leverage") if form.has("leverage") else Decimal(1)
    if leverage > VENUE.leverage:
        raise wrong("300016")
    told: dict[str, object] = {"type": kind, "timeInForce": life, "stop": stop, "marginMode": mode}
    told |= {name: form.flag(name) for name in _FLAGS} | {name: form.fields.get(name) for name in ("remark", "stp")}
    told |= {"leverage": leverage, "stopPriceType": form.text("stopPriceType"), "tags": form.text("tags")}
    return told | ({"stopPrice": form.number("stopPrice")} if stop else {})


def _client_id(form: Form) -> str:
    client_id = form.text("clientOid")
    if not _CLIENT_ID.fullmatch(client_id):
        raise form.invalid("clientOid")
    return client_id


def _closing(account: Account, instrument: Instrument) -> Side:
    held = account.book.held(instrument.name)
    if not held:
        raise wrong("300009")
    return Side.SELL if held > 0 else Side.BUY


def _quantity(form: Form, instrument: Instrument, side: Side, quote: Quote | None) -> Decimal:
    """Return base units: lots are whole, and exactly one of the three ways to say how much is used."""
    named, multiplier = [name for name in _SIZES if form.has(name)], multiplier_of(instrument)
    if len(named) != 1:
        raise form.invalid("size")
    asked = form.number(named[0])
    if named[0] == "size":
        if asked != asked.to_integral_value():
            raise form.invalid("size")
        return asked * multiplier
    if named[0] == "qty":
        if asked % multiplier:
            raise form.invalid("qty")
        return asked
    if quote is None:
        raise wrong("300002")
    price = form.number("price") if form.has("price") else quote.price_for(side)
    return asked / price // multiplier * multiplier


def _waiting(form: Form, side: Side, kind: str, stop: str) -> tuple[OrderType, Decimal | None]:
    """Return what the matching engine waits for.

    A stop that lies where the price is better than now is met like a limit. Its limit, once it is triggered, is not
    simulated.
    """
    if not stop:
        return OrderType(kind), form.number("price") if kind == "limit" else None
    if kind == "limit":
        raise wrong(CODE, "stop orders with a limit are not simulated")
    form.chosen("stopPriceType", ("TP", "IP", "MP"))
    against = (stop == "up") is (side is Side.BUY)
    return OrderType.STOP if against else OrderType.LIMIT, form.number("stopPrice")


def _barriers(form: Form, side: Side) -> Barriers:
    """Return what an order of `/st-orders` will guard its position with."""
    above, below = (
        form.number(name) if form.has(name) else None for name in ("triggerStopUpPrice", "triggerStopDownPrice")
    )
    return Barriers(stop=below, target=above) if side is Side.BUY else Barriers(stop=above, target=below)
