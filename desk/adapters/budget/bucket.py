"""The arithmetic of a token bucket, kept as one time: the moment at which the bucket will be full again.

A bucket holds `burst` calls and gets one more every `interval`. Both follow from the limit, so that whatever leaves in
any period - what the bucket held at its beginning and what came in - is never more than the limit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.adapters.budget.limits import Period

LEASE = timedelta(seconds=1)
"""How long calls that a process has taken may be made; what is not made by then goes back."""

_BURST_SHARE = {Period.SECOND: 2, Period.HOUR: 4, Period.DAY: 4}
"""Which part of a limit may leave at once: a half, a quarter, a quarter."""
_RESERVE_SHARE = 20
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One limit: `calls` in any `period`."""

    period: Period
    calls: int

    @property
    def burst(self) -> int:
        """How many calls the full bucket holds."""
        return max(1, self.calls // _BURST_SHARE[self.period])

    @property
    def reserve(self) -> int:
        """How many of them are kept for what is urgent: a twentieth of the limit."""
        return min(self.burst - 1, -(-self.calls // _RESERVE_SHARE))

    @property
    def interval(self) -> timedelta:
        """After how long there is one call more.

        What leaves in a period was taken in that period or up to `LEASE` before it, hence the longer stretch.
        """
        stretch = (self.period.length + LEASE) // _TICK
        return -(-stretch // (self.calls - self.burst + 1)) * _TICK

    def room(self, full_at: datetime, now: datetime, *, urgent: bool) -> int:
        """Return how many calls can be taken now; what is not urgent leaves the reserve alone."""
        held = (self.interval * self.burst - self._lacking(full_at, now)) // self.interval
        return max(0, held - (0 if urgent else self.reserve))

    def next_at(self, full_at: datetime, now: datetime, *, urgent: bool) -> datetime:
        """Return when there is room for a call; `now` where there is room already."""
        needed = 1 + (0 if urgent else self.reserve)
        return now + max(timedelta(0), self._lacking(full_at, now) - self.interval * (self.burst - needed))

    def taken(self, full_at: datetime, now: datetime, count: int) -> datetime:
        """Return when the bucket will be full once `count` calls, for which there is room, are taken."""
        return now + self._lacking(full_at, now) + self.interval * count

    def given_back(self, full_at: datetime, count: int) -> datetime:
        """Return when it will be full once `count` calls that were taken and not made are back."""
        return full_at - self.interval * count

    def believable(self, full_at: datetime, now: datetime) -> datetime:
        """Return when it will be full; no later than an empty one, whatever was written before a clock was set back."""
        return min(full_at, now + self.interval * self.burst)

    def _lacking(self, full_at: datetime, now: datetime) -> timedelta:
        return max(timedelta(0), self.believable(full_at, now) - now)
