"""What a venue and a ledger have of an account at the end of a drill: plain facts, to be judged anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from desk.model.instrument import Side
from desk.model.orders import OrderState

Span: TypeAlias = tuple[datetime, datetime]
"""From when to when."""


class Turn(StrEnum):
    """What happened to an order at the venue."""

    CREATED = "created"
    FILLED = "filled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class VenueEvent:
    """One thing that happened to an order at the venue.

    Attributes:
        number: of the order, the same in each of its events.
        client_order_id: of whoever sent it; empty for what the venue attached to a position.
        is_stop: whether it waits to close a position that loses.
        quantity: for FILLED, of this fill; otherwise of the order.
    """

    at: datetime
    turn: Turn
    number: int
    client_order_id: str
    instrument: str
    side: Side
    quantity: Decimal
    is_stop: bool = False


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order that the venue took.

    Attributes:
        is_working: whether more can happen to it.
    """

    number: int
    client_order_id: str
    instrument: str
    quantity: Decimal
    filled_quantity: Decimal
    is_working: bool


@dataclass(frozen=True, slots=True)
class TrueFill:
    """A fill as either side has it.

    Attributes:
        client_order_id: of the order, as that side names it; sides differ on orders that the venue made itself.
        gain: what it did to the account's cash, fee included; 0 where that side does not tell by fill.
    """

    client_order_id: str
    instrument: str
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime
    gain: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class VenueBooks:
    """The truth.

    Attributes:
        events: in the order in which they happened.
        positions: signed quantities by instrument; flat has none.
        opening_cash, cash: before the first fill and now, without the value of what is held.
    """

    orders: tuple[VenueOrder, ...]
    fills: tuple[TrueFill, ...]
    events: tuple[VenueEvent, ...]
    positions: Mapping[str, Decimal]
    opening_cash: Decimal
    cash: Decimal
    until: datetime


@dataclass(frozen=True, slots=True)
class LedgerOrder:
    """An order as the ledger has it."""

    client_order_id: str
    instrument: str
    state: OrderState
    filled_quantity: Decimal
    reduce_only: bool = False


@dataclass(frozen=True, slots=True)
class LedgerBooks:
    """What the desk believes.

    Attributes:
        fills: those of the venue, without adjustments.
        adjusted: instruments in which the ledger took over what others had traded.
        profit: realised, less fees, in the account's currency.
    """

    orders: tuple[LedgerOrder, ...]
    fills: tuple[TrueFill, ...]
    positions: Mapping[str, Decimal]
    profit: Decimal
    adjusted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a drill has done itself, and what may therefore be otherwise.

    Attributes:
        foreign: client ids of orders that it placed as somebody else and that must still be working.
        halted: client ids of entries that left while the account was halted.
        keeps_stops: whether the venue can hold the stop of a position; where not, the desk watches the price.
        told_unit: the last unit of the money that the venue tells with a fill; 0 where it tells all of it.
        tolerances: by instrument, how much of a position may be without a stop; 0 for the others.
        asleep: when the machine of the desk was asleep.
        shut: by instrument, when its market was halted: nobody could place a stop then, and nobody could close.
    """

    foreign: frozenset[str] = frozenset()
    halted: tuple[str, ...] = ()
    keeps_stops: bool = True
    told_unit: Decimal = Decimal(0)
    tolerances: Mapping[str, Decimal] = field(default_factory=dict)
    asleep: tuple[Span, ...] = ()
    shut: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
