"""What both markets' replies are made of: exact decimals, times in three units, orders, fills and pages.

Wire models never leave the adapter.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel

from desk.model.orders import OrderState

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_milliseconds(value: object) -> datetime:
    """Return the time of so many milliseconds since the epoch."""
    return _EPOCH + timedelta(milliseconds=_whole(value))


def from_nanoseconds(value: object) -> datetime:
    """Return the time of so many nanoseconds since the epoch, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=_whole(value) // 1000)


def to_milliseconds(at: datetime) -> int:
    """Return milliseconds since the epoch, rounded down."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def to_seconds(at: datetime) -> int:
    """Return seconds since the epoch, rounded down."""
    return (at - _EPOCH) // timedelta(seconds=1)


def plain(value: Decimal) -> str:
    """Return a decimal without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _whole(value: object) -> int:
    if not isinstance(value, int | str):
        raise ValueError(f"expected a whole number of units of time, found {value!r}")
    return int(value)


def _or_zero(value: Any) -> Any:
    return Decimal(0) if value in (None, "") else value


def _or_empty(value: Any) -> Any:
    return "" if value is None else value


Milliseconds = Annotated[datetime, BeforeValidator(from_milliseconds)]
Nanoseconds = Annotated[datetime, BeforeValidator(from_nanoseconds)]
DecimalOrZero = Annotated[Decimal, BeforeValidator(_or_zero)]
TextOrEmpty = Annotated[str, BeforeValidator(_or_empty)]
"""The venue leaves out what is empty by sending null, and sometimes by sending an empty text."""


class Wire(BaseModel):
    """A reply, or a part of one; what the desk does not need is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, coerce_numbers_to_str=True)


Levels = tuple[tuple[Decimal, Decimal], ...]
"""Prices and quantities of one side of a book."""


class Accepted(Wire):
    """The venue has taken an order, or a transfer; on spot it may not be matched yet."""

    order_id: str


class Page(Wire, Generic[T]):
    """One page of a list that is counted in pages."""

    current_page: int
    total_page: int
    items: tuple[T, ...]


class ServiceStatus(Wire):
    """Whether the whole market is open, closed, or takes cancellations only."""

    status: str


ACCEPTED = TypeAdapter(Accepted)
SERVICE_STATUS = TypeAdapter(ServiceStatus)
IGNORED: TypeAdapter[Any] = TypeAdapter(Any)
"""For an answer that only echoes an id; what became of it is asked for."""


def state_of(*, active: bool, cancelled: bool, quantity: Decimal, filled: Decimal) -> OrderState:
    """Return the state of an order, which the venue tells by flags and quantities only.

    An order that is neither active nor cancelled and has nothing filled is on its way to the book. One that was placed
    for an amount of quote currency has no quantity and is filled when something was.
    """
    if active:
        return OrderState.PARTIAL if filled else OrderState.ACKED
    if filled and filled >= quantity:
        return OrderState.FILLED
    return OrderState.CANCELLED if cancelled or filled else OrderState.ACKED
