"""Tells what happens to an account as Aster's user stream does, in letters."""

from decimal import Decimal

from simulator.account import Account
from simulator.dialects.aster.rules import VENUE, milliseconds, symbol_of, text
from simulator.dialects.aster.telling import Told, tell_order, tell_trade
from simulator.records import Event, EventKind

_EXECUTIONS = {EventKind.CREATED: "NEW", EventKind.FILLED: "TRADE", EventKind.CANCELLED: "CANCELED"}
_CAUSES = {EventKind.FILLED: "ORDER", EventKind.MOVED: "DEPOSIT", EventKind.FUNDED: "DEPOSIT"}


def tell_event(account: Account, event: Event) -> list[Told]:
    """Tell what an event changed: money and position first, then the order; a rejection changed nothing."""
    head = {"E": milliseconds(event.at), "T": milliseconds(event.at)}
    told: list[Told] = []
    if event.kind in _CAUSES:
        told.append({"e": "ACCOUNT_UPDATE", **head, "a": _changes(account, event)})
    if event.kind in _EXECUTIONS:
        told.append({"e": "ORDER_TRADE_UPDATE", **head, "o": _order(account, event)})
    return told


def _changes(account: Account, event: Event) -> Told:
    cash = text(event.cash)
    balance = {"a": VENUE.currency, "wb": cash, "cw": cash, "bc": "0"}
    name = event.booked.fill.instrument if event.booked else ""
    return {"m": _CAUSES[event.kind], "B": [balance], "P": [_position(account, name)] if name else []}


def _position(account: Account, name: str) -> Told:
    holding = account.book.holdings.get(name)
    position = holding.position if holding else None
    return {
        "s": symbol_of(name),
        "pa": text(position.quantity) if position else "0",
        "ep": text(position.average_price.quantize(Decimal("0.00001"))) if position else "0.0",
        "cr": "0",
        "up": "0",
        "mt": "cross",
        "iw": "0",
        "ps": "BOTH",
    }


def _order(account: Account, event: Event) -> Told:
    assert event.order is not None, f"event {event.id} has no order"
    order = tell_order(account, event.order)
    # An order that ended without anybody asking says so in both places.
    execution = "EXPIRED" if order["status"] == "EXPIRED" else _EXECUTIONS[event.kind]
    return {
        "s": order["symbol"],
        "c": order["clientOrderId"],
        "S": order["side"],
        "o": order["type"],
        "f": order["timeInForce"],
        "q": order["origQty"],
        "p": order["price"],
        "ap": order["avgPrice"],
        "sp": order["stopPrice"],
        "x": execution,
        "X": order["status"],
        "i": order["orderId"],
        "z": order["executedQty"],
        "T": milliseconds(event.at),
        "b": "0",
        "a": "0",
        "R": order["reduceOnly"],
        "wt": order["workingType"],
        "ot": order["origType"],
        "ps": order["positionSide"],
        "cp": order["closePosition"],
        **_execution(event),
    }


def _execution(event: Event) -> Told:
    """Tell what was executed just now; unlike the list of trades, the stream tells a fee above 0."""
    if event.booked is None:
        return {"l": "0", "L": "0", "t": 0, "m": False, "rp": "0"}
    trade, fill = tell_trade(event), event.booked.fill
    return {
        "l": trade["qty"],
        "L": trade["price"],
        "N": fill.fee_currency,
        "n": text(fill.fee),
        "t": trade["id"],
        "m": trade["maker"],
        "rp": trade["realizedPnl"],
    }
