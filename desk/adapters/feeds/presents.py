"""The clock that the accounts of a feed live by."""

from desk.accounts.spec import RecordedFeed, SyntheticFeed
from desk.adapters.clocks import SimulatedClock, SystemClock
from desk.ports import Clock


def clock_of(spec: SyntheticFeed | RecordedFeed) -> Clock:
    """Return the present of a feed: the machine's, unless recorded candles are played at a time of their own."""
    if isinstance(spec, SyntheticFeed) or spec.clock is None:
        return SystemClock()
    return SimulatedClock(spec.clock.start, float(spec.clock.speed), spec.clock.anchor)
