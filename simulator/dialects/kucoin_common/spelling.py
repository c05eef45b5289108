"""Numbers and times as KuCoin writes them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime.fromtimestamp(0, tz=UTC)


def text(amount: Decimal) -> str:
    """Return a number without an exponent and without needless zeros."""
    return f"{amount.normalize():f}" if amount else "0"


def milliseconds(at: datetime) -> int:
    """Return milliseconds since the epoch."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def nanoseconds(at: datetime) -> int:
    """Return nanoseconds since the epoch; ours are whole microseconds."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1_000


def from_seconds(value: int) -> datetime:
    """Return the aware time of so many seconds since the epoch."""
    return _EPOCH + timedelta(seconds=value)


def from_milliseconds(value: int) -> datetime:
    """Return the aware time of so many milliseconds since the epoch."""
    return _EPOCH + timedelta(milliseconds=value)
