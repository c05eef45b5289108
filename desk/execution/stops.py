"""Where the stop of a position belongs, and how much of the position the stops that rest at the venue cover. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from desk.model.books import Position, Quote
from desk.model.instrument import Instrument
from desk.model.orders import Barriers, Order, OrderType

_ZERO = Decimal(0)
_WORTH_MOVING = Decimal("0.1")
"""The part of its distance by which a trailing stop must have gained before it is moved."""


class StopKeeping(StrEnum):
    """How the stop of a position is kept at a venue.

    TRADE: it hangs on the position, and is set there. ORDER: it is an order beside the position. HOLDING: such an order
    holds back what it would sell, so that an old one has to go before a new one comes. DESK: the venue has no stops,
    and the desk watches the price itself.
    """

    TRADE = "trade"
    ORDER = "order"
    HOLDING = "holding"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Decided:
    """What the ledger knows of a position that the desk has opened.

    Attributes:
        quantity: signed, by its fills.
        anchor: names the orders of the watch: the candle of its entry, or its first fill where there was none.
        entered: what was entered in all, in base units, above 0.
        entry_price: in quote currency.
        orders: what the watch has planned for it, oldest first.
    """

    instrument: str
    quantity: Decimal
    barriers: Barriers
    opened_at: datetime
    anchor: datetime
    entered: Decimal
    entry_price: Decimal
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """The stops of a position at the venue.

    Attributes:
        hangs: whether a stop hangs on the position, over all of it.
        level: its price; None where it has none of its own, such as one that trails.
        stops: stops that are orders, oldest first.
        has_target: whether a target rests at the venue.
    """

    hangs: bool
    level: Decimal | None
    stops: tuple[Order, ...]
    has_target: bool

    @property
    def is_naked(self) -> bool:
        """Whether there is no stop at all."""
        return not (self.hangs or self.stops)


def cover_of(position: Position, barriers: Barriers, orders: Iterable[Order], instrument: Instrument) -> Cover:
    """Return what protects a position, as the venue tells of it.

    Args:
        position: as the venue has it, with the barriers that hang on it there.
        barriers: as they were decided.
        orders: that work at the venue.
        instrument: of the position.
    """
    exits = [order for order in orders if _reduces(order, position)]
    target = barriers.target
    stops = tuple(
        one for one in exits if one.type is OrderType.STOP and not _is_target(one, position, target, instrument)
    )
    own = position.barriers
    return Cover(
        hangs=own.stop is not None or own.trailing_distance is not None,
        level=own.stop,
        stops=tuple(sorted(stops, key=lambda order: (order.at, order.client_order_id))),
        has_target=own.target is not None or len(stops) < len(exits) or any(stop.target is not None for stop in stops),
    )


def left_of(order: Order, position: Position) -> Decimal:
    """Return how much of a position an order would close; one without a quantity of its own closes all of it."""
    return order.quantity - order.filled_quantity if order.quantity else abs(position.quantity)


def level_for(
    position: Position, decided: Decided, best: Decimal | None, break_even_at: Decimal | None, instrument: Instrument
) -> Decimal | None:
    """Return where the stop belongs now, on the tick; None where none was decided.

    It only ever moves in favour of the position: to the entry once the profit has reached `break_even_at` times what
    was risked, and at its distance behind the best price.

    Args:
        position: as the venue has it.
        decided: what the ledger knows of it.
        best: the best price at which it could have been closed so far; None where that is not known.
        break_even_at: a multiple of the distance from entry to stop; None never moves it.
        instrument: of the position.
    """
    fixed, distance, sign = decided.barriers.stop, decided.barriers.trailing_distance, position.side.sign
    levels = [fixed, *(order.price for order in decided.orders if order.type is OrderType.STOP)]
    if best is not None and distance is not None:
        levels.append(_stepped(best - sign * distance, decided, distance, sign))
    if best is not None and fixed is not None and break_even_at is not None:
        gained, risked = (best - decided.entry_price) * sign, (decided.entry_price - fixed) * sign
        levels.append(decided.entry_price if 0 < risked * break_even_at <= gained else None)
    known = [level for level in levels if level is not None]
    return instrument.round_price(max(known, key=lambda level: level * sign)) if known else None


def is_crossed(position: Position, level: Decimal, quote: Quote) -> bool:
    """Return whether the price at which a position can be closed has reached its stop."""
    return (quote.price_for(position.side.opposite) - level) * position.side.sign <= 0


def is_reached(position: Position, target: Decimal, quote: Quote) -> bool:
    """Return whether the price at which a position can be closed has reached its target."""
    return (quote.price_for(position.side.opposite) - target) * position.side.sign >= 0


def good_stops(cover: Cover, position: Position, level: Decimal) -> tuple[Order, ...]:
    """Return the stops that are at a level or nearer to the market."""
    sign = position.side.sign
    return tuple(stop for stop in cover.stops if stop.price is None or (stop.price - level) * sign >= 0)


def covered(stops: Iterable[Order], position: Position) -> Decimal:
    """Return how much of a position stops would close together."""
    return sum((left_of(stop, position) for stop in stops), _ZERO)


def _stepped(level: Decimal, decided: Decided, distance: Decimal, sign: int) -> Decimal:
    """A trailing level, or where the stop stands already, where moving it is not worth an order."""
    before = [decided.barriers.stop, *(order.price for order in decided.orders if order.type is OrderType.STOP)]
    known = [price for price in before if price is not None]
    standing = max(known, key=lambda price: price * sign) if known else None
    return level if standing is None or (level - standing) * sign >= distance * _WORTH_MOVING else standing


def _reduces(order: Order, position: Position) -> bool:
    same = order.instrument == position.instrument and order.side is position.side.opposite
    return same and order.reduce_only and not order.state.is_final


def _is_target(order: Order, position: Position, target: Decimal | None, instrument: Instrument) -> bool:
    """Whether what looks like a stop is the target: some venues wait for both in the same way."""
    if target is None or order.price is None:
        return False
    return (order.price - target) * position.side.sign >= -instrument.tick
