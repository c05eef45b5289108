"""Fills since a cursor, in the windows of time that KuCoin allows.

The venue filters by time only, and a fill may appear a little after its time. So every look goes back behind the newest
fill by an overlap, and the cursor names the fills of the overlap that were told already.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, TypeAlias

from desk.adapters.venues.kucoin.errors import VENUE
from desk.adapters.venues.kucoin.wire import from_milliseconds, to_milliseconds
from desk.errors import InvalidOrder
from desk.model.orders import Fill

ReadFills: TypeAlias = Callable[[datetime, datetime], Awaitable[tuple[Fill, ...]]]

WINDOW = timedelta(days=7)
"""The longest stretch that one call may ask about, and how far back the venue answers without one."""
OVERLAP = timedelta(minutes=1)
# The newest window ends after our present, because the venue's clock may be ahead of ours.
_AHEAD = timedelta(minutes=1)
_FIRST_LOOK = WINDOW - 2 * _AHEAD


@dataclass(frozen=True, slots=True)
class _Cursor:
    newest: datetime
    told: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Self:
        time, _, told = text.partition(":")
        if not time.isdecimal():
            raise InvalidOrder(VENUE, f"fills since {text!r}", "BAD_CURSOR", "expected a cursor that was given before")
        return cls(from_milliseconds(time), frozenset(told.split(",")))

    def __str__(self) -> str:
        return f"{to_milliseconds(self.newest)}:{','.join(sorted(self.told))}"


async def fills_after(cursor: str, now: datetime, read: ReadFills) -> tuple[tuple[Fill, ...], str]:
    """Return the fills that `cursor` does not know, oldest first, and the next cursor.

    An empty cursor asks for the last seven days.

    Raises:
        InvalidOrder: BAD_CURSOR.
    """
    known = _Cursor.read(cursor) if cursor else None
    start = known.newest - OVERLAP if known else now - _FIRST_LOOK
    # One that appears late with a time before the overlap comes with its order.
    found = [fill for fill in await _read_all(start, now + _AHEAD, read) if fill.at >= start]
    new = tuple(fill for fill in found if known is None or fill.venue_trade_id not in known.told)
    if not new:
        return (), cursor
    newest = from_milliseconds(to_milliseconds(max(fill.at for fill in found)))
    told = frozenset(fill.venue_trade_id for fill in found if fill.at >= newest - OVERLAP)
    return new, str(_Cursor(newest, told))


async def _read_all(start: datetime, end: datetime, read: ReadFills) -> list[Fill]:
    found: dict[str, Fill] = {}
    while start < end:
        stop = min(start + WINDOW, end)
        found |= {fill.venue_trade_id: fill for fill in await read(start, stop)}
        start = stop
    return sorted(found.values(), key=lambda fill: (fill.at, len(fill.venue_trade_id), fill.venue_trade_id))
