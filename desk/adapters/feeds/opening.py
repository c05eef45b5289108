"""From what the operator wrote about a feed to the feed."""

from pathlib import Path

from desk.accounts.spec import RecordedFeed as RecordedFeedSpec
from desk.accounts.spec import SyntheticFeed as SyntheticFeedSpec
from desk.adapters.feeds.recorded import RecordedFeed
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.ports import Feed


def open_feed(spec: SyntheticFeedSpec | RecordedFeedSpec, directory: Path) -> Feed:
    """Return the feed; `directory` is the folder of accounts.yaml. Files are read when they are first asked for."""
    if isinstance(spec, SyntheticFeedSpec):
        return SyntheticFeed(spec.seed)
    return open_recorded(spec, directory)


def open_recorded(spec: RecordedFeedSpec, directory: Path) -> RecordedFeed:
    """Return a feed of candle files.

    Raises:
        ConfigError: a file does not exist, or nothing says the grid of its instrument.
    """
    return RecordedFeed(spec.paths(directory), instruments=spec.specifications)
