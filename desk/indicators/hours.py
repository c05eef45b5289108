"""What depends on the time of day and not on the count of candles: values as they were hours ago, hours of a city."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from desk.model.candles import FloatArray, IntArray

_DAY = 86_400
_LONGEST_PAUSE = 4 * _DAY


def earlier(known_at: IntArray, values: FloatArray, seconds: int) -> FloatArray:
    """Return the value that was the newest `seconds` before each one became known; NaN where there was none.

    Over a week end or a holiday that is the last value before it; over a longer gap there is none.
    """
    if len(values) == 0:
        return values
    rows = np.searchsorted(known_at, known_at - seconds, side="right") - 1
    newest = np.maximum(rows, 0)
    is_known = (rows >= 0) & (known_at - seconds - known_at[newest] <= _LONGEST_PAUSE)
    return np.where(is_known, values[newest], np.nan)


def between_hours(times: IntArray, zone: str, first: int, last: int) -> FloatArray:
    """Return 1 for each of `times`, in seconds since the epoch, from hour `first` to before hour `last`, else 0.

    The hours are those of the wall clock of `zone` on that day, summer time included; `first` is below `last`.
    """
    if len(times) == 0:
        return np.zeros(0)
    days = range(int(times.min()) // _DAY - 1, int(times.max()) // _DAY + 2)
    opens, ends = np.array([_window(zone, day, first, last) for day in days], dtype=np.int64).T
    newest = np.searchsorted(opens, times, side="right") - 1
    return np.asarray(times < ends[newest], dtype=np.float64)


@lru_cache(maxsize=16_384)
def _window(zone: str, day: int, first: int, last: int) -> tuple[int, int]:
    midnight = datetime.combine(date(1970, 1, 1) + timedelta(days=day), time(), tzinfo=ZoneInfo(zone))
    start, end = (midnight + timedelta(hours=hour) for hour in (first, last))
    return int(start.astimezone(UTC).timestamp()), int(end.astimezone(UTC).timestamp())
