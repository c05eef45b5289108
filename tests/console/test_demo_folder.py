"""What the demo does to its folder."""

from pathlib import Path

import pytest

from console.demo_folder import begin_demo
from desk.accounts import RecordedFeed
from desk.adapters.configuration import check_candle_files, read_fleet
from desk.adapters.settings import Settings
from desk.errors import ConfigError
from tests.console.conftest import Desk

RECORDED = """\
feeds:
  history: {kind: recorded, files: {EUR/USD: "../candles/a year, 2026.csv"}}
  made:
    kind: synthetic
    seed: 7
"""
CANDLES = """\
time,open,high,low,close,volume
2026-01-14T10:15Z,1.1599,1.1602,1.1598,1.1601,100
2026-01-14T10:20Z,1.1601,1.1602,1.1599,1.1600,100
"""


@pytest.fixture
def replaying(home: Path) -> Settings:
    """A configuration one of whose feeds names a file beside its folder, and what an earlier demo left."""
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("feeds:\n", RECORDED), encoding="utf-8")
    (home / "candles").mkdir()
    (home / "candles" / "a year, 2026.csv").write_text(CANDLES, encoding="utf-8")
    (home / "demo").mkdir()
    (home / "demo" / "left.txt").write_text("of an earlier demo", encoding="utf-8")
    return Settings(home=home, config=Path("config"))


def test_a_relative_path_leads_from_the_copy_to_the_same_file(replaying: Settings, home: Path):
    chosen = begin_demo(replaying, 11)
    assert (chosen.home, chosen.config) == (home / "demo", home / "demo" / "config")
    copied = read_fleet(chosen.config)
    check_candle_files(copied)
    feed = copied.feeds["history"]
    assert isinstance(feed, RecordedFeed)
    assert feed.paths(chosen.config)["EUR/USD"].resolve() == home / "candles" / "a year, 2026.csv"
    assert not (home / "demo" / "left.txt").exists()


def test_only_paths_and_seeds_of_the_copy_differ(replaying: Settings, home: Path):
    before = (home / "config" / "accounts.yaml").read_text()
    begin_demo(replaying, 11)
    copied = (home / "demo" / "config" / "accounts.yaml").read_text()
    assert copied == before.replace("../candles", f"{home}/config/../candles").replace("seed: 7\n", "seed: 11\n")
    assert (home / "config" / "accounts.yaml").read_text() == before


@pytest.mark.parametrize("broken", ["config/policy.yaml", "candles/a year, 2026.csv"])
def test_what_cannot_be_used_leaves_the_demo_before_as_it_is(desk: Desk, replaying: Settings, home: Path, broken: str):
    (home / broken).write_text("nothing of the kind", encoding="utf-8")
    said = desk("demo")
    assert said.code in (1, 3), said
    assert (home / "demo" / "left.txt").exists()


def test_a_configuration_in_the_folder_of_the_demo_is_not_removed_with_it(replaying: Settings, home: Path):
    inside = begin_demo(replaying, 11)
    with pytest.raises(ConfigError, match=r"expected a configuration outside .*/demo, which every demo begins anew"):
        begin_demo(replaying.model_copy(update={"config": inside.config}), 11)
    assert (inside.config / "accounts.yaml").exists()
