"""How often a venue may be called: limits per second, hour and day, and those that hold where none are configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from desk.errors import ConfigError


class Period(StrEnum):
    """A length of time that calls are counted over; it begins anywhere, not at full hours or midnight."""

    SECOND = "second"
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return _LENGTHS[self]


_LENGTHS = {
    Period.SECOND: timedelta(seconds=1),
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may leave in any second, hour and day; None where nothing limits them.

    Raises:
        ConfigError: a limit allows no call at all.
    """

    per_second: int | None = None
    per_hour: int | None = None
    per_day: int | None = None

    def __post_init__(self) -> None:
        for period, calls in self.by_period.items():
            if calls < 1:
                raise ConfigError(f"call budget: expected at least 1 call a {period}, found {calls}")

    @property
    def by_period(self) -> Mapping[Period, int]:
        """The limits that there are."""
        told = {Period.SECOND: self.per_second, Period.HOUR: self.per_hour, Period.DAY: self.per_day}
        return {period: calls for period, calls in told.items() if calls is not None}


@dataclass(frozen=True, slots=True)
class VenueLimits:
    """The limits of a venue: `shared` by everything that calls it, and for `each` credential besides."""

    shared: Limits = field(default_factory=Limits)
    each: Limits = field(default_factory=Limits)


DEFAULTS: Mapping[str, VenueLimits] = {
    # 120 requests a second and address; the hour and the day are the desk's own economy.
    "oanda": VenueLimits(shared=Limits(per_second=100, per_hour=2_400, per_day=10_000)),
    # 30 requests a second and user.
    "coinbase": VenueLimits(each=Limits(per_second=25)),
    # A pool of 2,000 (futures) or 4,000 (spot) weights in 30 seconds and user. A quarter of the limit is what goes on
    # for long: 300 calls in 30 seconds, of 6 weights each; what is too much after all, the venue's own word ends.
    "kucoin": VenueLimits(each=Limits(per_second=40)),
    # 2,400 weights a minute and address, which are counted beside this, by what the venue tells.
    "aster": VenueLimits(shared=Limits(per_second=40)),
}
"""What holds for a venue where nothing is configured."""
