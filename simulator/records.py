"""What a simulated venue writes down: orders as they are, and what happened to them, numbered without a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from desk.matching.book import Booked
from desk.model.instrument import Side
from desk.model.orders import Barriers, Order, OrderIntent, OrderType, TimeInForce
from simulator.reasons import Reason


class Role(StrEnum):
    """Why an order is there: somebody asked for it, or it guards a position."""

    PLAIN = "plain"
    STOP = "stop"
    TARGET = "target"
    TRAILING = "trail"


class EventKind(StrEnum):
    """What can happen."""

    FUNDED = "funded"
    MOVED = "moved"
    CREATED = "created"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Ask:
    """An order as a dialect understood it.

    Attributes:
        client_id: the client's, empty without one.
        whole: all at once or not at all.
        passive: it may wait in the book and never take from it.
        details: what the dialect wants to tell back later.
    """

    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    barriers: Barriers = Barriers()
    reduce_only: bool = False
    whole: bool = False
    passive: bool = False
    client_id: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order of the venue's log.

    Attributes:
        number: of the event that created it.
        order: how it stands.
        noted: seconds of the monotonic clock when it was taken.
        details: what the dialect remembers of the request.
    """

    number: int
    client_id: str
    intent: OrderIntent
    order: Order
    created_at: datetime
    noted: float
    role: Role = Role.PLAIN
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_working(self) -> bool:
        """Whether something more can happen to it."""
        return not self.order.state.is_final


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an account.

    Attributes:
        id: grows by one.
        batch: the id of the first event that has the same cause.
        order: as it was right after; None where it is about money.
        booked: the fill and its profit.
        cash: right after.
        noted: seconds of the monotonic clock.
    """

    id: int
    batch: int
    kind: EventKind
    at: datetime
    cash: Decimal
    noted: float
    order: PlacedOrder | None = None
    booked: Booked | None = None
    reason: Reason | None = None
