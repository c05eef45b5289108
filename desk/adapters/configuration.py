"""Reads the operator's files with everything that this installation can check them against."""

import asyncio
from pathlib import Path

from desk.accounts import Fleet, RecordedFeed, load_fleet
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.opening import open_recorded
from desk.adapters.feeds.specifications import is_described


def read_fleet(directory: Path) -> Fleet:
    """Return the fleet of a folder with accounts.yaml and policy.yaml.

    Raises:
        ConfigError: naming every problem with file, line, key and the nearest valid name.
    """
    return load_fleet(directory, catalogue=CATALOGUE, is_described=is_described)


def check_candle_files(fleet: Fleet) -> None:
    """Read every candle file that a feed names, so that a bad one is known before anything starts.

    Raises:
        ConfigError: a file cannot be used.
        MalformedCandles: a file holds candles that cannot be right.
    """
    for feed in fleet.feeds.values():
        if isinstance(feed, RecordedFeed):
            asyncio.run(open_recorded(feed, fleet.directory).load())
