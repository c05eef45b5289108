"""The clock that the accounts of a feed live by."""

from desk.accounts.spec import FeedSpec, RecordedFeed
from desk.adapters.clocks import SimulatedClock, SystemClock
from desk.ports import Clock


def clock_of(spec: FeedSpec) -> Clock:
    """Return the present of a feed: the machine's, unless recorded candles are played at a time of their own."""
    if not isinstance(spec, RecordedFeed) or spec.clock is None:
        return SystemClock()
    return SimulatedClock(spec.clock.start, float(spec.clock.speed), spec.clock.anchor)
