"""Reads the operator's files with everything that this installation can check them against."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from desk.accounts import Fleet, RecordedFeed, load_fleet
from desk.adapters.feeds.catalogue import CATALOGUE


def read_fleet(directory: Path, *, instead: Mapping[str, str | None] | None = None) -> Fleet:
    """Return the fleet of a folder with accounts.yaml and policy.yaml.

    Args:
        directory: the folder.
        instead: see `load_fleet`.

    Raises:
        ConfigError: naming every problem with file, line, key and the nearest valid name.
    """
    return load_fleet(directory, catalogue=CATALOGUE, is_described=_is_described, instead=instead)


def check_candle_files(fleet: Fleet) -> None:
    """Read every candle file that a feed names, so that a bad one is known before anything starts.

    Raises:
        ConfigError: a file cannot be used.
        MalformedCandles: a file holds candles that cannot be right.
    """
    from desk.adapters.feeds.opening import open_recorded

    for feed in fleet.feeds.values():
        if isinstance(feed, RecordedFeed):
            asyncio.run(open_recorded(feed, fleet.directory).load())


def _is_described(instrument: str, path: Path) -> bool:
    # It costs every command that reads the configuration 50 ms, and only one with an unknown instrument needs it.
    from desk.adapters.feeds.specifications import is_described

    return is_described(instrument, path)
