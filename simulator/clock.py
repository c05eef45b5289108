"""The clock of the simulated venues: it runs at any speed, stands still, and jumps forward on request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic


class SteeredClock:
    """Implements `desk.ports.Clock`; it never goes back, because books that were matched cannot be unmatched.

    Args:
        start: the first time it shows; the machine's without.
        speed: simulated seconds per second; 0 stands still.
        wall: seconds that only grow.

    Attributes:
        skew: what the venues add to the time when they tell it or check a signature.
    """

    def __init__(
        self, start: datetime | None = None, *, speed: float = 1.0, wall: Callable[[], float] = monotonic
    ) -> None:
        self._wall = wall
        self._first = start.astimezone(UTC) if start else None
        self._first_speed = _checked(speed)
        self.restart()

    def restart(self) -> None:
        """Show the first time again, at the first speed and without skew; only when there is nothing matched yet."""
        self.skew = timedelta(0)
        self._start, self._anchor = self._first or datetime.now(UTC), self._wall()
        self._speed = self._first_speed

    @property
    def stands_still(self) -> bool:
        """Whether time passes only when somebody moves it."""
        return self._speed == 0

    def now(self) -> datetime:
        """Return the time at which orders are matched, aware UTC."""
        return self._start + timedelta(seconds=(self._wall() - self._anchor) * self._speed)

    def told(self) -> datetime:
        """Return the time that the venues believe and tell: `now` and the skew."""
        return self.now() + self.skew

    def shown_at(self, wall: datetime) -> datetime:
        """Return the simulated time of a time of the machine's own clock."""
        return self.now() + (wall - datetime.now(UTC)) * self._speed

    def jump(self, at: datetime) -> None:
        """Continue from a later time.

        Raises:
            ValueError: `at` is in the simulated past.
        """
        now = self.now()
        if at < now:
            raise ValueError(f"the clock shows {now.isoformat()}; expected a later time, found {at.isoformat()}")
        self._start, self._anchor = at.astimezone(UTC), self._wall()

    def run(self, speed: float) -> None:
        """Continue from the present at another speed."""
        now = self.now()
        self._start, self._anchor, self._speed = now, self._wall(), _checked(speed)


def _checked(speed: float) -> float:
    if not 0 <= speed < float("inf"):
        raise ValueError(f"speed: expected a finite number of 0 or more, found {speed}")
    return speed
