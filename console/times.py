"""Times that people type and read."""

import re
from datetime import UTC, datetime, timedelta

from console.failures import NotUnderstood
from desk.adapters.clocks import SystemClock

_LENGTH = re.compile(r"(\d{1,4})([mhd])")
_LETTERS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def parse_since(text: str | None) -> datetime | None:
    """Return the time that a text such as `2026-01-14` names, or that `7d` ago was; None for none.

    Raises:
        NotUnderstood: it is neither.
    """
    if text is None:
        return None
    return SystemClock().now() - parse_length(text) if _LENGTH.fullmatch(text) else parse_time(text)


def parse_time(text: str) -> datetime:
    """Return a time, aware UTC; without a zone it is taken for UTC.

    Raises:
        NotUnderstood: it is not an ISO 8601 date or time.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(f"expected a time such as 2026-01-14T15:00Z, found '{text}'") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def parse_length(text: str) -> timedelta:
    """Return a length of time such as `90m`, `24h` or `7d`.

    Raises:
        NotUnderstood: it is none.
    """
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"expected a length of time such as 90m, 24h or 7d, found '{text}'")
    return int(found[1]) * _LETTERS[found[2]]


def format_age(age: timedelta) -> str:
    """Return how long ago something was, in the largest unit that there are two of: `3 min ago`, `90 s ago`."""
    length = abs(age)
    unit, name = next(((unit, name) for unit, name in _UNITS if length >= 2 * unit), (timedelta(seconds=1), "s"))
    amount = f"{length // unit} {name}"
    return f"{amount} ago" if age >= timedelta(0) else f"in {amount}"


def format_near(at: datetime, age: timedelta) -> str:
    """Return a time as shortly as its age lets it be understood: `16:00`, `01-16 16:00`, `2026-01-16`."""
    if abs(age) < timedelta(days=1):
        return f"{at.astimezone(UTC):%H:%M}"
    return f"{at.astimezone(UTC):%m-%d %H:%M}" if abs(age) < timedelta(days=180) else f"{at.astimezone(UTC):%Y-%m-%d}"


def format_next(at: datetime, now: datetime) -> str:
    """Return when something comes, in UTC: `16:00` of the same day, `01-17 00:05` of another one."""
    there, here = at.astimezone(UTC), now.astimezone(UTC)
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%m-%d %H:%M}"


def format_minute(at: datetime) -> str:
    """Return a candle's time, `2026-01-14 15:00`, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def format_instant(at: datetime) -> str:
    """Return the time of an event to the millisecond, in UTC."""
    return at.astimezone(UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")
