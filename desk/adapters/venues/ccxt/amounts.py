"""Numbers and times as ccxt tells them: texts, milliseconds, None where an exchange says nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

_EPOCH = datetime.fromtimestamp(0, tz=UTC)


def decimal_of(value: Any) -> Decimal | None:
    """Return a number, exactly as it was told.

    Raises:
        ValueError: it is none, or not finite.
    """
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"expected a number, found {value!r}")
    return number


def needed(value: Any, name: str) -> Decimal:
    """Return a number that has to be there.

    Raises:
        ValueError: it is not.
    """
    number = decimal_of(value)
    if number is None:
        raise ValueError(f"expected {name}, found none")
    return number


def time_of(milliseconds: Any) -> datetime | None:
    """Return a time; None where none was told."""
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=int(milliseconds))


def milliseconds_of(at: datetime) -> int:
    """Return a time as ccxt takes it, rounded down."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def plain(number: Decimal) -> str:
    """Return a number as it is sent, without an exponent."""
    return f"{number:f}"
