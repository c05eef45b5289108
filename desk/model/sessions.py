"""When a kind of instrument trades: OANDA's week in New York wall time for currencies and metals, always for crypto.

Holidays are not modelled: a venue's own `tradable` flag has the last word. Offsets are those of New York, so the hours
in UTC move with American daylight saving time, not with Europe's.
"""

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from desk.model.candles import IntArray
from desk.model.instrument import InstrumentKind

_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = time(16, 58)
_REOPEN = {InstrumentKind.FX: time(17, 3), InstrumentKind.METAL: time(18, 3)}
_FRIDAY, _SATURDAY = 4, 5
# From any day there is a session that started at most three days before: the one of Thursday evening.
_LONGEST_PAUSE = timedelta(days=4)


def is_open(kind: InstrumentKind, at: datetime) -> bool:
    """Return whether instruments of `kind` trade at `at`; the first second of a session counts, its end does not."""
    return bool(open_mask(kind, np.array([_seconds(at)], dtype=np.int64))[0])


def next_open(kind: InstrumentKind, at: datetime) -> datetime:
    """Return the first time at or after `at` at which instruments of `kind` trade: `at` itself while they do."""
    if is_open(kind, at):
        return at
    day = at.astimezone(UTC).date()
    opens = (start for start, _ in _sessions(kind, day, day + _LONGEST_PAUSE) if start > _seconds(at))
    return datetime.fromtimestamp(next(opens), tz=UTC)


def open_mask(kind: InstrumentKind, times: IntArray) -> npt.NDArray[np.bool_]:
    """Return for each of `times`, in seconds since the epoch and in any order, whether instruments of `kind` trade."""
    if kind not in _REOPEN or len(times) == 0:
        return np.ones(len(times), dtype=np.bool_)
    sessions = np.array(_sessions(kind, _day(int(times.min())), _day(int(times.max()))), dtype=np.int64)
    newest = np.searchsorted(sessions[:, 0], times, side="right") - 1
    return np.asarray(times < sessions[newest, 1])


def _sessions(kind: InstrumentKind, first: date, last: date) -> list[tuple[int, int]]:
    start, stop = (first - _LONGEST_PAUSE).toordinal(), last.toordinal() + 1
    found = (_session(kind, day) for day in range(start, stop))
    return [session for session in found if session is not None]


@lru_cache(maxsize=8192)
def _session(kind: InstrumentKind, day: int) -> tuple[int, int] | None:
    evening = date.fromordinal(day)
    if evening.weekday() in (_FRIDAY, _SATURDAY):
        return None
    start = datetime.combine(evening, _REOPEN[kind], tzinfo=_NEW_YORK)
    end = datetime.combine(evening + timedelta(days=1), _CLOSE, tzinfo=_NEW_YORK)
    return int(start.timestamp()), int(end.timestamp())


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, tz=UTC).date()


def _seconds(at: datetime) -> int:
    assert at.tzinfo is not None, f"expected an aware time, found {at!r}"
    return math.floor(at.timestamp())
