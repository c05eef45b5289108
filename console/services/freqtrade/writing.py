"""How amounts and times are written in replies as freqtrade's."""

from datetime import UTC, datetime
from decimal import Decimal


def number(value: Decimal | None) -> float | None:
    """Return an amount as a number."""
    return None if value is None else float(value)


def hundred(ratio: float) -> float:
    """Return a ratio that is known in hundredths, to two places."""
    return round(ratio * 100, 2)


def percent(ratio: float | None) -> float | None:
    """Return a ratio in hundredths, to two places."""
    return None if ratio is None else hundred(ratio)


def written(at: datetime) -> str:
    """Return a time as text, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(at: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return int(at.timestamp() * 1000)
