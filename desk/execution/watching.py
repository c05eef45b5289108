"""What the watch of an account looks at, and what it can do: facts in, actions out; what follows is in `guarding`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from desk.execution.stops import Decided, StopKeeping
from desk.model.books import Position, Quote
from desk.model.instrument import Instrument
from desk.model.orders import Order, OrderIntent

WATCH = "watch"
"""The strategy of the orders that protect and end positions."""

SETTLED = timedelta(seconds=30)
"""How old a stop must be to be left over: venues tell of a position with a delay."""


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """How an account is watched.

    Attributes:
        keeping: how its venue keeps the stop of an instrument.
        protect_within: how long a stop may be refused before the position is closed at the market.
        stale_after: how long an order to open something may wait for the market.
        break_even_at: the profit, as a multiple of what was risked, from which the stop stands at the entry; None for
            never.
        partial_exit_at: the profit, as such a multiple, at which a part is closed; None for never.
        partial_exit_fraction: the part, of what was entered.
    """

    account: str
    keeping: Callable[[str], StopKeeping] = lambda instrument: StopKeeping.DESK
    protect_within: timedelta = timedelta(seconds=10)
    stale_after: timedelta = timedelta(minutes=5)
    break_even_at: Decimal | None = None
    partial_exit_at: Decimal | None = None
    partial_exit_fraction: Decimal = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Look:
    """What venue, feed and ledger say of an account now.

    Attributes:
        orders: that work at the venue; read before the positions.
        decided: what the ledger knows, by instrument.
        best: by instrument, the best price at which the position could have been closed since it was opened.
        busy: instruments with an order whose outcome is not known.
        naked_since: by instrument, when its position was first seen without a stop.
    """

    at: datetime
    positions: tuple[Position, ...] = ()
    orders: tuple[Order, ...] = ()
    decided: Mapping[str, Decided] = field(default_factory=dict)
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    best: Mapping[str, Decimal] = field(default_factory=dict)
    busy: frozenset[str] = frozenset()
    naked_since: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Send an order; `is_loud` where a person should hear of it."""

    intent: OrderIntent
    why: str
    is_loud: bool = False


@dataclass(frozen=True, slots=True)
class SetStop:
    """Give all of a position a stop that hangs on it."""

    instrument: str
    price: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take an order of the desk away."""

    order: Order
    why: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell a person of what the watch cannot mend."""

    instrument: str
    why: str


Action = Place | SetStop | Cancel | Tell
