"""Reads the operator's files with everything that this installation can check them against."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from desk.accounts import Fleet, RecordedFeed, load_fleet
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.recorded import RecordedFeed as RecordedCandles


def read_fleet(directory: Path, *, instead: Mapping[str, str | None] | None = None) -> Fleet:
    """Return the fleet of a folder with accounts.yaml and policy.yaml.

    Args:
        directory: the folder.
        instead: see `load_fleet`.

    Raises:
        ConfigError: naming every problem with file, line, key and the nearest valid name.
    """
    return load_fleet(directory, catalogue=CATALOGUE, instead=instead)


def check_candle_files(fleet: Fleet) -> None:
    """Read every candle file that a feed names, so that a bad one is known before anything starts.

    Raises:
        ConfigError: a file cannot be used.
        MalformedCandles: a file holds candles that cannot be right.
    """
    for feed in fleet.feeds.values():
        if isinstance(feed, RecordedFeed):
            asyncio.run(RecordedCandles(feed.paths(fleet.directory)).load())
