"""The desk's clocks: the system's, a fixed one for a past scan, and a simulated one that runs at any speed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from desk.errors import ConfigError
from desk.ports import Clock


class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        """Return the machine's time, aware UTC."""
        return datetime.now(UTC)

    def shown_at(self, wall: datetime) -> datetime:
        """Return `wall` itself."""
        return wall.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still.

    Raises:
        ConfigError: `at` has no time zone.
    """

    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _aware("at", self.at))

    def now(self) -> datetime:
        """Return the fixed time, aware UTC."""
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        """Return the fixed time, whatever the wall clock shows."""
        return self.at


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """A clock that shows `start` when the wall clock shows `anchor`, and runs `speed` times as fast from there.

    Two processes with the same three values agree on the simulated present, and a restart continues it.

    Raises:
        ConfigError: a time has no time zone, or `speed` is not finite and above 0.
    """

    start: datetime
    speed: float
    anchor: datetime
    wall: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", _aware("start", self.start))
        object.__setattr__(self, "anchor", _aware("anchor", self.anchor))
        if not 0 < self.speed < float("inf"):
            raise ConfigError(f"simulated clock: expected a finite speed above 0, found {self.speed}")

    def now(self) -> datetime:
        """Return the simulated time, aware UTC; before `start` while the wall clock is before `anchor`."""
        return self.shown_at(self.wall.now())

    def shown_at(self, wall: datetime) -> datetime:
        """Return the simulated time of a time of the wall clock."""
        return self.start + (wall.astimezone(UTC) - self.anchor) * self.speed


def _aware(name: str, at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ConfigError(f"clock: expected '{name}' with a time zone, found {at.isoformat()}; add Z for UTC")
    return at.astimezone(UTC)
