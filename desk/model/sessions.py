"""When a kind of instrument trades: OANDA's week in New York wall time for currencies and metals, always for crypto.

Two days are full holidays, Christmas Day and New Year's Day. Days on which a venue closes early are not modelled: its
own `tradable` flag has the last word. Offsets are those of New York, so the hours in UTC move with American daylight
saving time, not with Europe's.
"""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from desk.model.candles import IntArray
from desk.model.instrument import InstrumentKind

_SessionsOf: TypeAlias = Callable[[InstrumentKind, date, date], list[tuple[int, int]]]
_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = time(16, 58)
_REOPEN = {InstrumentKind.FX: time(17, 3), InstrumentKind.METAL: time(18, 3)}
_FRIDAY, _SATURDAY = 4, 5
_EVES = frozenset({(12, 24), (12, 31)})
"""Month and day of the evenings on which the session of a holiday would begin."""
# From any day there is a session that started at most four days before, where Monday or Friday is a holiday.
_LONGEST_PAUSE = timedelta(days=4)


def is_open(kind: InstrumentKind, at: datetime) -> bool:
    """Return whether instruments of `kind` trade at `at`; the first second of a session counts, its end does not."""
    return not closes(kind) or bool(open_mask(kind, np.array([_seconds(at)], dtype=np.int64))[0])


def closes(kind: InstrumentKind) -> bool:
    """Return whether the market of `kind` ever closes."""
    return kind in _REOPEN


def next_open(kind: InstrumentKind, at: datetime) -> datetime:
    """Return the first time at or after `at` at which instruments of `kind` trade: `at` itself while they do."""
    if is_open(kind, at):
        return at
    day = at.astimezone(UTC).date()
    opens = (start for start, _ in _sessions(kind, day, day + _LONGEST_PAUSE) if start > _seconds(at))
    return datetime.fromtimestamp(next(opens), tz=UTC)


def open_mask(kind: InstrumentKind, times: IntArray) -> npt.NDArray[np.bool_]:
    """Return for each of `times`, in seconds since the epoch and in any order, whether instruments of `kind` trade."""
    return _mask(kind, times, _sessions)


def weekly_mask(kind: InstrumentKind, times: IntArray) -> npt.NDArray[np.bool_]:
    """Return the same as if no day were a holiday."""
    return _mask(kind, times, _weekly_sessions)


def _mask(kind: InstrumentKind, times: IntArray, sessions_of: _SessionsOf) -> npt.NDArray[np.bool_]:
    if not closes(kind) or len(times) == 0:
        return np.ones(len(times), dtype=np.bool_)
    sessions = _table(sessions_of, kind, _day(int(times.min())), _day(int(times.max())))
    newest = np.searchsorted(sessions[:, 0], times, side="right") - 1
    return np.asarray(times < sessions[newest, 1])


@lru_cache(maxsize=512)
def _table(sessions_of: _SessionsOf, kind: InstrumentKind, first: date, last: date) -> IntArray:
    """Starts and ends of the sessions, a row each; the decisions of a day ask for the same few."""
    found = np.array(sessions_of(kind, first, last), dtype=np.int64)
    found.flags.writeable = False
    return found


def _sessions(kind: InstrumentKind, first: date, last: date) -> list[tuple[int, int]]:
    return [session for day, session in _by_evening(kind, first, last) if not _is_eve(day)]


def _weekly_sessions(kind: InstrumentKind, first: date, last: date) -> list[tuple[int, int]]:
    return [session for _, session in _by_evening(kind, first, last)]


def _by_evening(kind: InstrumentKind, first: date, last: date) -> Iterator[tuple[int, tuple[int, int]]]:
    for day in range((first - _LONGEST_PAUSE).toordinal(), last.toordinal() + 1):
        session = _session(kind, day)
        if session is not None:
            yield day, session


@lru_cache(maxsize=8192)
def _is_eve(day: int) -> bool:
    evening = date.fromordinal(day)
    return (evening.month, evening.day) in _EVES


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
