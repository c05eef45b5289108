"""The folder of the demo: a copy of the configuration that means there what it means where it was written."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from desk.accounts import ACCOUNTS_FILE, Fleet, RecordedFeed
from desk.accounts.editing.editing import Put, edited
from desk.accounts.editing.paths import KeyPath
from desk.adapters.configuration import check_candle_files, read_fleet
from desk.adapters.editing.reading import read_file
from desk.adapters.settings import Settings
from desk.errors import ConfigError


def begin_demo(found: Settings, seed: int) -> Settings:
    """Begin anew in a folder of the demo's own, so that it neither sees nor changes what the operator has.

    What an earlier demo left is removed when everything that is to be copied has been read and checked.

    Args:
        found: the settings of the operator.
        seed: of the made markets, in place of those of the configuration.

    Raises:
        ConfigError: the configuration cannot be used, or it is in the folder that would be removed.
        MalformedCandles: a file that a feed names holds candles that cannot be right.
    """
    home = found.home / "demo"
    fleet = read_fleet(found.config)
    _require_outside(home, (found.config, *_candle_files(fleet)))
    check_candle_files(fleet)
    accounts = _seeded(_with_whole_paths(read_file(found.config, ACCOUNTS_FILE) or "", fleet), seed)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(found.config, home / "config")
    (home / "config" / ACCOUNTS_FILE).write_bytes(accounts.encode())
    return found.model_copy(update={"home": home, "config": home / "config", "database_url": None})


def _candle_files(fleet: Fleet) -> Iterator[Path]:
    for feed in fleet.feeds.values():
        if isinstance(feed, RecordedFeed):
            yield from feed.paths(fleet.directory).values()


def _require_outside(home: Path, paths: tuple[Path, ...]) -> None:
    for path in paths:
        if path.resolve().is_relative_to(home.resolve()):
            expected = f"expected a configuration outside {home}, which every demo begins anew"
            raise ConfigError(f"{expected}, found {path} in it; name another folder with --home or --config")


def _with_whole_paths(accounts: str, fleet: Fleet) -> str:
    """A relative path is counted from the folder of the file that it stands in, and the copy is in another folder."""
    for name, feed in fleet.feeds.items():
        if isinstance(feed, RecordedFeed):
            for instrument, path in feed.paths(fleet.directory.resolve()).items():
                if not feed.files[instrument].is_absolute():
                    accounts = edited(accounts, Put(KeyPath(("feeds", name, "files", instrument)), str(path)))
    return accounts


def _seeded(accounts: str, seed: int) -> str:
    return re.sub(r"(?m)^(\s+seed:).*$", rf"\1 {seed}", accounts)
