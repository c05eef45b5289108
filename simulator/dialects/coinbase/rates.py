"""How much one may ask in a second, and how that is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from simulator.clock import SteeredClock

PRIVATE, PUBLIC = 30, 10


@dataclass(slots=True)
class _Count:
    latest: datetime
    asked: int = 0


class Rates:
    """Counts requests by who asks, each second of the simulated clock."""

    def __init__(self, clock: SteeredClock) -> None:
        self._clock = clock
        self._counts: dict[str, _Count] = {}

    def count(self, who: str, limit: int) -> tuple[bool, Mapping[str, str]]:
        """Return whether a request is within the limit, and what its reply says of that."""
        now = self._clock.told()
        count = self._counts.get(who)
        if count is None or now.replace(microsecond=0) != count.latest.replace(microsecond=0):
            count = self._counts[who] = _Count(now)
        count.asked, count.latest = count.asked + 1, now
        headers = {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(max(0, limit - count.asked)),
            "x-ratelimit-reset": "1",
        }
        # While the clock stands still nobody could wait for the next second.
        return self._clock.stands_still or count.asked <= limit, headers
