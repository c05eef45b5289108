"""Folds an account's fills into OANDA's trades: opened by one fill, closed oldest first.

The profit of a fill is the account's, at average cost; its trades share it by their units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from simulator.account import Account
from simulator.records import Event, EventKind


@dataclass(slots=True)
class Trade:
    """One trade; its id is that of the fill that opened it.

    Attributes:
        initial, current: signed units.
        extensions: what the client wrote on it: an id, a tag, a comment.
    """

    id: int
    order: int
    instrument: str
    initial: Decimal
    current: Decimal
    price: Decimal
    opened_at: datetime
    extensions: Mapping[str, object] = field(default_factory=dict)
    realised: Decimal = Decimal(0)
    closed_at: datetime | None = None
    closing: list[int] = field(default_factory=list)

    @property
    def client_id(self) -> str:
        """The client's, empty without one."""
        return str(self.extensions.get("id", ""))


@dataclass(frozen=True, slots=True)
class Closed:
    """What a fill took of a trade: units with the sign of the fill, and the profit of them."""

    trade: int
    units: Decimal
    profit: Decimal
    is_all: bool


@dataclass(slots=True)
class Changes:
    """What a fill did to trades."""

    opened: Trade | None = None
    opened_units: Decimal = Decimal(0)
    closed: list[Closed] = field(default_factory=list)


class TradeBook:
    """The trades of one account, kept up by reading on in its history."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._read = 0
        self.trades: dict[int, Trade] = {}
        self.changes: dict[int, Changes] = {}

    def read_on(self) -> None:
        """Take in what has happened since the last time."""
        for event in self._account.events[self._read :]:
            if event.kind is EventKind.FILLED:
                self.changes[event.id] = self._fold(event)
        self._read = len(self._account.events)

    def open_in(self, instrument: str) -> list[Trade]:
        """Return the open trades of an instrument, oldest first."""
        return [trade for trade in self.trades.values() if trade.instrument == instrument and trade.current]

    def _fold(self, event: Event) -> Changes:
        assert event.booked is not None, f"fill {event.id} has no fill"
        fill, profit = event.booked
        left, changes = fill.side.sign * fill.quantity, Changes()
        meeting = [trade for trade in self.open_in(fill.instrument) if trade.current * left < 0]
        closing = min(abs(left), sum((abs(trade.current) for trade in meeting), Decimal(0)))
        for trade in sorted(meeting, key=lambda trade: trade.id != _wanted(event)):
            if left:
                share = min(abs(left), abs(trade.current))
                changes.closed.append(_close(trade, share * fill.side.sign, profit * share / closing, event))
                left -= share * fill.side.sign
        if left:
            changes.opened, changes.opened_units = self._open(event, left, fill.price), left
        return changes

    def _open(self, event: Event, signed: Decimal, price: Decimal) -> Trade:
        assert event.order is not None, f"fill {event.id} has no order"
        order = event.order
        told = order.details.get("tradeClientExtensions")
        extensions = told if isinstance(told, Mapping) else {}
        name = order.intent.instrument
        trade = Trade(event.id, order.number, name, signed, signed, price, event.at, extensions)
        self.trades[event.id] = trade
        return trade


def _close(trade: Trade, signed: Decimal, profit: Decimal, event: Event) -> Closed:
    trade.current += signed
    trade.realised += profit
    trade.closing.append(event.id)
    if not trade.current:
        trade.closed_at = event.at
    return Closed(trade.id, signed, profit, is_all=not trade.current)


def _wanted(event: Event) -> int:
    """The trade that the order was to close, 0 without one."""
    text = str(event.order.details.get("trade") or 0) if event.order else "0"
    return int(text)
