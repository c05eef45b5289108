"""Reads what a client wants of a spot order."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import OrderType, TimeInForce
from simulator.dialects.kucoin_common.call import Form
from simulator.dialects.kucoin_common.errors import wrong
from simulator.records import Ask

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_ECHOED = ("stp", "remark", "tags")
_FLAGS = ("postOnly", "hidden", "iceberg")


def read_order(form: Form, instrument: Instrument, quote: Quote | None, now: datetime) -> Ask:
    """Return an order as it was asked for.

    Raises:
        Refused: it is not one.
    """
    side = Side(form.chosen("side", ("buy", "sell")))
    kind = form.chosen("type", ("limit", "market"), default="limit")
    life = form.chosen("timeInForce", ("GTC", "GTT", "IOC", "FOK"), default="GTC")
    details: dict[str, object] = {"type": kind, "timeInForce": life}
    details |= {name: form.fields.get(name) for name in _ECHOED} | {name: form.flag(name) for name in _FLAGS}
    if life == "GTT":
        details |= {"cancelAfter": int(form.number("cancelAfter"))}
        details["ends"] = now + timedelta(seconds=int(form.number("cancelAfter")))
    return Ask(
        instrument=instrument.name,
        side=side,
        type=OrderType(kind),
        quantity=_quantity(form, instrument, side, kind, quote),
        price=form.number("price") if kind == "limit" else None,
        time_in_force=TimeInForce.IOC if kind == "market" or life in ("IOC", "FOK") else TimeInForce.GTC,
        whole=life == "FOK" and kind == "limit",
        passive=form.flag("postOnly"),
        client_id=_client_id(form),
        details=details | ({"funds": form.number("funds")} if form.has("funds") else {}),
    )


def _client_id(form: Form) -> str:
    client_id = form.text("clientOid")
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        raise form.invalid("clientOid")
    return client_id


def _quantity(form: Form, instrument: Instrument, side: Side, kind: str, quote: Quote | None) -> Decimal:
    """Return the size; a market order that buys may say how much it spends instead."""
    if not form.has("funds"):
        return form.number("size")
    if kind != "market" or side is not Side.BUY or form.has("size"):
        raise form.invalid("funds")
    if quote is None:
        raise wrong("200001")
    return instrument.round_quantity(form.number("funds") / quote.ask)
