"""From what the operator wrote about a feed to the feed, and to the clock that its accounts live by."""

from pathlib import Path

from desk.accounts.spec import RecordedFeed as RecordedFeedSpec
from desk.accounts.spec import SyntheticFeed as SyntheticFeedSpec
from desk.adapters.clocks import SimulatedClock, SystemClock
from desk.adapters.feeds.recorded import RecordedFeed
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.ports import Clock, Feed


def open_feed(spec: SyntheticFeedSpec | RecordedFeedSpec, directory: Path) -> Feed:
    """Return the feed; `directory` is the folder of accounts.yaml. Files are read when they are first asked for."""
    if isinstance(spec, SyntheticFeedSpec):
        return SyntheticFeed(spec.seed)
    return RecordedFeed(spec.paths(directory))


def clock_of(spec: SyntheticFeedSpec | RecordedFeedSpec) -> Clock:
    """Return the present of a feed: the machine's, unless recorded candles are played at a time of their own."""
    if isinstance(spec, SyntheticFeedSpec) or spec.clock is None:
        return SystemClock()
    return SimulatedClock(spec.clock.start, float(spec.clock.speed), spec.clock.anchor)
