"""What the operator writes about instruments of files: read exactly, refused where it is, and part of the version."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import Fleet, RecordedFeed, load_fleet
from desk.accounts.alone import alone
from desk.accounts.showing import resolved
from desk.errors import ConfigError
from desk.model.instrument import Instrument, InstrumentKind
from tests.desk.accounts.conftest import CATALOGUE

FILES = "      EUR/USD: eur.parquet\n"
DOGE = f"{FILES}      DOGE/USDT: eur.parquet\n"
GRID = "    instruments:\n      DOGE/USDT: {kind: spot, tick: 0.00001, lot: 0.10, minimum_quantity: 10}\n"
PLACE = "accounts.yaml:9: feeds.history.instruments.DOGE/USDT"

Write = Callable[..., Path]


def loaded(folder: Path, account: str = "feed: embedded") -> Fleet:
    path = folder / "accounts.yaml"
    path.write_text(path.read_text().replace("feed: embedded", account))
    return load_fleet(folder, catalogue=CATALOGUE)


def history(fleet: Fleet) -> RecordedFeed:
    feed = fleet.feeds["history"]
    assert isinstance(feed, RecordedFeed)
    return feed


def test_an_instrument_of_no_catalogue_is_taken_where_the_feed_says_how_it_is_traded(write: Write):
    feed = history(loaded(write("accounts.yaml", FILES, DOGE + GRID)))
    expected = Instrument("DOGE/USDT", InstrumentKind.SPOT, Decimal("0.00001"), Decimal("0.1"), Decimal(10))
    assert feed.specifications == {"DOGE/USDT": expected}
    assert history(loaded(write())).specifications == {}


def test_the_file_is_asked_about_what_is_in_no_catalogue_and_about_nothing_else(write: Write):
    folder, asked = write("accounts.yaml", FILES, DOGE), []

    def is_described(name: str, path: Path) -> bool:
        asked.append((name, path))
        return True

    fleet = load_fleet(folder, catalogue=CATALOGUE, is_described=is_described)
    assert list(history(fleet).files) == ["EUR/USD", "DOGE/USDT"]
    assert asked == [("DOGE/USDT", folder / "eur.parquet")]


def test_what_is_wrong_with_a_file_that_is_asked_is_told_at_its_line(write: Write):
    def is_described(name: str, path: Path) -> bool:
        raise ConfigError("no candles")

    with pytest.raises(ConfigError, match=r"accounts.yaml:7: feeds.history.files.DOGE/USDT: no candles"):
        load_fleet(write("accounts.yaml", FILES, DOGE), catalogue=CATALOGUE, is_described=is_described)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("tick: 0.00001", "tick: 0", f"{PLACE}.tick: expected a number above 0, up to 10^9, found 0"),
        ("lot: 0.10", "lot: -1", f"{PLACE}.lot: expected a number above 0, up to 10^9, found -1"),
        ("lot: 0.10, ", "", f"{PLACE}.lot: expected a number above 0, up to 10^9, found nothing"),
        ("kind: spot", "kind: spots", f"{PLACE}.kind: expected one of fx, metal, spot, perpetual, found 'spots'; did"),
        ("kind: spot", "kin: spot", f"{PLACE}.kin: expected a known key, found 'kin'; did you mean 'kind'?"),
        (
            "DOGE/USDT: {",
            "DOGE/USD: {",
            "accounts.yaml:9: feeds.history.instruments.DOGE/USD: expected an instrument of the feed's files, found "
            "'DOGE/USD'; did you mean 'DOGE/USDT'?",
        ),
        (
            GRID,
            "",
            "accounts.yaml:7: feeds.history.files.DOGE/USDT: expected an instrument of the desk's catalogue, or one "
            "whose kind, tick, lot and minimum_quantity stand under `instruments` of the feed or in its file",
        ),
    ],
)
def test_what_cannot_be_is_told_with_file_line_and_key(write: Write, old: str, new: str, problem: str):
    text = DOGE + GRID
    assert old in text
    with pytest.raises(ConfigError) as error:
        loaded(write("accounts.yaml", FILES, text.replace(old, new)))
    assert problem in str(error.value)


def test_how_an_instrument_is_traded_is_part_of_the_version_and_the_same_number_written_otherwise_is_not(write: Write):
    other = (GRID, GRID.replace("0.10", "0.1"), GRID.replace("0.10", "0.2"))
    texts = [f"{FILES}      XAU/USD: eur.parquet\n      DOGE/USDT: eur.parquet\n{one}" for one in other]
    versions = [
        loaded(write("accounts.yaml", FILES, text), "feed: history").account("oanda-gold").config_version
        for text in texts
    ]
    assert versions[0] == versions[1] != versions[2]


def test_a_feed_that_says_nothing_of_it_and_one_with_an_empty_list_are_the_same(write: Write):
    text = f"{FILES}      XAU/USD: eur.parquet\n"
    said_nothing = loaded(write("accounts.yaml", FILES, text), "feed: history")
    empty = loaded(write("accounts.yaml", FILES, f"{text}    instruments: {{}}\n"), "feed: history")
    assert said_nothing.account("oanda-gold").config_version == empty.account("oanda-gold").config_version
    assert "instruments" not in resolved(said_nothing, "oanda-gold")["feed"]


def test_it_is_written_down_with_an_account_alone(write: Write, tmp_path: Path):
    text = f"{FILES}      XAU/USD: eur.parquet\n      DOGE/USDT: eur.parquet\n{GRID}"
    fleet = loaded(write("accounts.yaml", FILES, text), "feed: history")
    (tmp_path / "alone").mkdir()
    for name, written in alone(fleet, "oanda-gold").items():
        (tmp_path / "alone" / name).write_text(written)
    again = load_fleet(tmp_path / "alone", catalogue=CATALOGUE)
    assert history(again).specifications == history(fleet).specifications
