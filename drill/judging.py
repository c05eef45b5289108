"""Judges an account by the venue's own books: what the ledger has to agree with, to the last unit. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import chain

from desk.execution.plan import is_ours
from desk.model.orders import OrderState
from drill.evidence import Expected, LedgerBooks, TrueFill, VenueBooks, VenueOrder
from drill.protection import Naked, naked_times

LONGEST_NAKED = timedelta(seconds=10)
"""How long, in venue time, a position may be without its stop."""

_ID_LENGTH = 27
"""Of an id that the desk makes; those of stops and targets beside an entry begin with the entry's."""


NOTHING_DONE = Expected()
"""A drill that only looked on."""


class Wrong(StrEnum):
    """What a violation is."""

    DUPLICATE = "duplicate order"
    NOT_PLANNED = "order without an intent"
    LOST_ORDER = "lost order"
    LEFT_OPEN = "order without an outcome"
    LOST_FILL = "lost fill"
    FALSE_FILL = "fill that the venue does not have"
    POSITION = "position differs"
    CASH = "cash differs"
    UNPROTECTED = "position without a stop"
    HALTED = "sent while halted"
    FOREIGN = "somebody else's order touched"
    ERROR = "an error that nobody expected"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be."""

    wrong: Wrong
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.wrong}: {self.subject}: {self.detail}"


def judge(
    venue: VenueBooks,
    ledger: LedgerBooks,
    expected: Expected = NOTHING_DONE,
    *,
    longest_naked: timedelta = LONGEST_NAKED,
) -> tuple[Violation, ...]:
    """Return everything in which an account at rest is not as it must be; nothing where all is well.

    Args:
        venue: what is true.
        ledger: what the desk believes after it has looked at the venue.
        expected: what was done to the account on purpose.
        longest_naked: how long a position may be without a stop.
    """
    return tuple(
        chain(
            _duplicates(venue),
            _not_planned(venue, ledger),
            _orders(venue, ledger),
            _fills(venue, ledger),
            _positions(venue, ledger),
            _cash(venue, ledger, expected.told_unit),
            _unprotected(venue, expected, longest_naked),
            (Violation(Wrong.HALTED, name, "an entry left after the halt was committed") for name in expected.halted),
            _foreign(venue, expected),
        )
    )


def effective(venue: VenueBooks) -> Counter[str]:
    """Return how many orders of each of the desk's client ids came to something: filled in part, or still working."""
    counted = (order for order in venue.orders if order.filled_quantity or order.is_working)
    return Counter(order.client_order_id for order in counted if is_ours(order.client_order_id))


def longest_naked_time(venue: VenueBooks, expected: Expected = NOTHING_DONE) -> timedelta:
    """Return the longest time in which a position of the desk was without its stop; 0 where the venue holds none.

    While the machine is asleep, or the market halted, no time counts.
    """
    return max((_counted(one, expected) for one in _naked(venue, expected)), default=timedelta(0))


def _duplicates(venue: VenueBooks) -> Iterator[Violation]:
    for name, count in effective(venue).items():
        if count > 1:
            yield Violation(Wrong.DUPLICATE, name, f"the venue has {count} orders of this id")


def _not_planned(venue: VenueBooks, ledger: LedgerBooks) -> Iterator[Violation]:
    known = {order.client_order_id for order in ledger.orders}
    for name in effective(venue):
        if name not in known and name[:_ID_LENGTH] not in known:
            yield Violation(Wrong.NOT_PLANNED, name, "the venue has it, and the ledger never planned it")


def _orders(venue: VenueBooks, ledger: LedgerBooks) -> Iterator[Violation]:
    true = _by_id(venue)
    for order in ledger.orders:
        name = order.client_order_id
        told = sum((one.filled_quantity for one in true.get(name, ())), Decimal(0))
        if order.state.is_unresolved or order.state is OrderState.PLANNED:
            yield Violation(Wrong.LEFT_OPEN, name, f"it is {order.state} with nothing on its way")
        elif told != order.filled_quantity:
            detail = f"{order.state}, {order.filled_quantity} filled; at the venue {told} filled"
            yield Violation(Wrong.LOST_ORDER, name, detail)
        elif order.state.is_final and any(one.is_working for one in true.get(name, ())):
            yield Violation(Wrong.LOST_ORDER, name, f"it is {order.state}, and working at the venue")


def _by_id(venue: VenueBooks) -> dict[str, list[VenueOrder]]:
    found: dict[str, list[VenueOrder]] = {}
    for order in venue.orders:
        found.setdefault(order.client_order_id, []).append(order)
    return found


def _fills(venue: VenueBooks, ledger: LedgerBooks) -> Iterator[Violation]:
    true, booked = Counter(map(_key, venue.fills)), Counter(map(_key, ledger.fills))
    ours = Counter(_key(fill) for fill in venue.fills if _is_desks(fill))
    for key, count in (ours - booked).items():
        yield Violation(Wrong.LOST_FILL, _told(key), f"{count} at the venue are not in the ledger")
    for key, count in (booked - true).items():
        yield Violation(Wrong.FALSE_FILL, _told(key), f"the ledger has {count} more than the venue")


_Key = tuple[str, str, Decimal, Decimal, str]


def _key(fill: TrueFill) -> _Key:
    return (fill.instrument, fill.side.value, fill.quantity, fill.price, f"{fill.at:%Y-%m-%d %H:%M:%S.%f}")


def _told(key: _Key) -> str:
    instrument, side, quantity, price, at = key
    return f"{side} {quantity:f} {instrument} at {price:f}, {at}"


def _is_desks(fill: TrueFill) -> bool:
    """Whether it is of an order of the desk, or of one that the venue attached to a position."""
    return not fill.client_order_id or is_ours(fill.client_order_id)


def _positions(venue: VenueBooks, ledger: LedgerBooks) -> Iterator[Violation]:
    foreign = _foreign_quantities(venue, ledger)
    for name in sorted({*venue.positions, *ledger.positions}):
        true, ours = venue.positions.get(name, Decimal(0)), ledger.positions.get(name, Decimal(0))
        theirs = Decimal(0) if name in ledger.adjusted else foreign.get(name, Decimal(0))
        if true - theirs != ours:
            yield Violation(Wrong.POSITION, name, f"the ledger has {ours}, the venue {true}, others hold {theirs}")


def _foreign_quantities(venue: VenueBooks, ledger: LedgerBooks) -> dict[str, Decimal]:
    held: dict[str, Decimal] = {}
    for fill in _foreign_fills(venue, ledger):
        held[fill.instrument] = held.get(fill.instrument, Decimal(0)) + fill.side.sign * fill.quantity
    return held


def _foreign_fills(venue: VenueBooks, ledger: LedgerBooks) -> Iterator[TrueFill]:
    """What others have traded, unless the venue tells it like the desk's own and the ledger has it."""
    booked = Counter(map(_key, ledger.fills))
    for fill in venue.fills:
        if not _is_desks(fill) and not booked[_key(fill)]:
            yield fill


def _cash(venue: VenueBooks, ledger: LedgerBooks, told_unit: Decimal) -> Iterator[Violation]:
    """To the last unit that the venue tells: what it does not tell of a fill nobody can book."""
    others = sum((fill.gain for fill in _foreign_fills(venue, ledger)), Decimal(0))
    expected = venue.opening_cash + ledger.profit + others
    if abs(venue.cash - expected) > told_unit / 2 * len(venue.fills):
        detail = f"the venue has {venue.cash}, the ledger's trades lead to {expected}"
        yield Violation(Wrong.CASH, "the account", detail)


def _naked(venue: VenueBooks, expected: Expected) -> tuple[Naked, ...]:
    if not expected.keeps_stops:
        return ()
    return naked_times(venue.events, until=venue.until, tolerances=dict(expected.tolerances))


def _unprotected(venue: VenueBooks, expected: Expected, longest: timedelta) -> Iterator[Violation]:
    for one in _naked(venue, expected):
        lasted = _counted(one, expected)
        if lasted > longest:
            detail = f"for {lasted}, from {one.since:%Y-%m-%d %H:%M:%S} UTC"
            yield Violation(Wrong.UNPROTECTED, one.instrument, detail)


def _counted(one: Naked, expected: Expected) -> timedelta:
    return one.lasted_but_for((*expected.asleep, *expected.shut.get(one.instrument, ())))


def _foreign(venue: VenueBooks, expected: Expected) -> Iterator[Violation]:
    alive = {order.client_order_id for order in venue.orders if order.is_working or order.filled_quantity}
    for name in sorted(expected.foreign - alive):
        yield Violation(Wrong.FOREIGN, name, "it was working, and nobody but the desk can have cancelled it")
