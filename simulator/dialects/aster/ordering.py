"""Reads and places orders as Aster does."""

import re
from decimal import Decimal, InvalidOperation

from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import OrderType, TimeInForce
from simulator.account import Account
from simulator.dialects.aster.door import Call
from simulator.dialects.aster.rules import REASONS, wrong
from simulator.exchange import Exchange
from simulator.records import Ask, EventKind, PlacedOrder

_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP_MARKET": OrderType.STOP,
    "TAKE_PROFIT_MARKET": OrderType.LIMIT,
}
_CLIENT_ID = re.compile(r"^[\.A-Z\:/a-z0-9_-]{1,36}$")
_LIVES = ("GTC", "IOC", "FOK", "GTX", "HIDDEN")


async def place(exchange: Exchange, account: Account, call: Call, instrument: Instrument) -> PlacedOrder:
    """Take an order and return it as it then stands.

    Raises:
        Refused: what Aster says instead.
    """
    quotes = await exchange.quotes([instrument.name])
    ask = _read(account, call, instrument, quotes.get(instrument.name))
    events = await exchange.submit(account, ask)
    reason = events[0].reason
    if events[0].kind is EventKind.REJECTED and reason is not None:
        raise wrong(REASONS[reason])
    created = events[0].order
    assert created is not None, f"event {events[0].id} has no order"
    return account.orders[created.number]


def find(account: Account, call: Call, instrument: Instrument) -> PlacedOrder | None:
    """Return the order of an id or of a client's id, in the instrument that was named with it."""
    number, client_id = call.whole("orderId"), call.get("origClientOrderId")
    if number is None and not client_id:
        raise wrong(-1102)
    found = account.orders.get(number) if number is not None else account.known_as(client_id)
    return found if found is not None and found.intent.instrument == instrument.name else None


def _read(account: Account, call: Call, instrument: Instrument, quote: Quote | None) -> Ask:
    kind, side = call.required("type"), _side(call)
    if kind not in _TYPES:
        raise wrong(-1116)
    life = call.get("timeInForce") or "GTC"
    if life not in _LIVES or (kind == "LIMIT" and not call.get("timeInForce")):
        raise wrong(-1115 if call.get("timeInForce") else -1102)
    client_id = call.get("newClientOrderId") or f"web_{account.next_id}"
    if not _CLIENT_ID.match(client_id):
        raise wrong(-4015)
    closes = call.get("closePosition") == "true"
    return Ask(
        instrument=instrument.name,
        side=side,
        type=_TYPES[kind],
        quantity=_held(account, instrument, side) if closes else _number(call, "quantity"),
        price=_price(call, kind, side, quote),
        time_in_force=TimeInForce.IOC if kind == "MARKET" or life in ("IOC", "FOK") else TimeInForce.GTC,
        reduce_only=closes or call.get("reduceOnly") == "true",
        whole=life == "FOK",
        passive=life == "GTX",
        client_id=client_id,
        details={"type": kind, "timeInForce": life, "closePosition": closes},
    )


def _side(call: Call) -> Side:
    name = call.required("side")
    if name not in ("BUY", "SELL"):
        raise wrong(-1117)
    return Side.BUY if name == "BUY" else Side.SELL


def _held(account: Account, instrument: Instrument, side: Side) -> Decimal:
    held = account.book.reducible(instrument.name, side)
    if not held:
        raise wrong(-2022)
    return held


def _price(call: Call, kind: str, side: Side, quote: Quote | None) -> Decimal | None:
    """Return the price that the matching engine waits for; one that is there already would trigger at once."""
    if kind == "MARKET":
        return None
    price = _number(call, "price" if kind == "LIMIT" else "stopPrice")
    if kind == "LIMIT" or quote is None:
        return price
    distance = (quote.price_for(side) - price) * side.sign
    if (distance >= 0) if kind == "STOP_MARKET" else (distance <= 0):
        raise wrong(-2021)
    return price


def _number(call: Call, name: str) -> Decimal:
    try:
        value = Decimal(call.required(name))
    except InvalidOperation as error:
        raise wrong(-1102) from error
    if not value.is_finite():
        raise wrong(-1102)
    if name == "quantity" and value <= 0:
        raise wrong(-4003)
    return value
