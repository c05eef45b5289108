"""Candles for research on the command line: what is typed, what is printed, and how it ends."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import Facts, data_hash, load, read_facts, write_file
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.adapters.ledger.schema import upgrade
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from simulator.server import Addresses, Plan, simulated
from tests.desk.candle_checks.recordings import FIRST, changed, recorded
from tests.test_docs import ROOT, blocks

PAGE = ROOT / "docs" / "how-to" / "get-data.md"
CSV = "time,open,high,low,close,volume\n"
IMPORT = ("data", "import", "file.csv", "--instrument", "EUR/USD", "--timeframe", "M5")


def line(minute, prices="1.1,1.2,1.0,1.15", volume="3"):
    return f"2025-01-15T12:{minute:02}:00Z,{prices},{volume}\n"


@pytest.fixture
def file(home):
    path = home / "file.csv"
    path.write_text(CSV + line(0) + line(5) + line(15))
    return path


def test_the_page_about_it_prints_what_it_says(desk, home):
    found = blocks(PAGE)
    [given] = [block for block in found if block.how == "file"]
    (home / given.path).parent.mkdir()
    (home / given.path).write_text(given.text)
    examples = [block.text.partition("\n") for block in found if block.language == "console"]
    run = [(line.removeprefix("$ desk ").split(), told) for line, _, told in examples if told]
    assert len(run) == 4
    for words, told in run:
        printed = squeezed(desk(*words).out)
        for expected in told.splitlines():
            assert squeezed(expected) in printed, f"desk {' '.join(words)}: {expected!r} is not in {printed!r}"


def squeezed(text):
    return " ".join(text.split())


def test_an_import_says_how_the_file_was_understood_and_what_became_of_it(desk, file):
    ended = desk(*IMPORT, "--source", "own")
    assert ended.code == 0
    assert "columns time, open, high, low, close, volume; times with their zone" in ended.out
    assert re.search(r"own/EUR-USD/M5: 3 candles, 3 added; data hash [0-9a-f]{12}$", ended.out.strip())
    again = desk(*IMPORT, "--source", "own", "--json").json
    assert (again["added"], again["same"], again["candles"], again["name"]) == (0, 3, 3, "own/EUR-USD/M5")
    assert again["understood"]["columns"]["open"] == "open"
    assert again["sha256"] == read_facts(Path(again["file"])).sha256


def test_without_a_source_it_is_called_imported_and_the_kind_may_be_said(desk, file):
    words = ("data", "import", "file.csv", "--instrument", "USD/MXN", "--timeframe", "M5", "--kind", "fx", "--json")
    told = desk(*words).json
    assert (told["name"], told["kind"]) == ("imported/USD-MXN/M5", "fx")


GRID = ("--tick", "0.00001", "--lot", "0.1", "--minimum-quantity", "10")


def test_how_an_instrument_is_traded_may_be_said_and_is_shown(desk, file):
    words = ("data", "import", "file.csv", "--instrument", "DOGE/USDT", "--timeframe", "M5", "--kind", "spot")
    told = desk(*words, *GRID, "--minimum-notional", "5", "--json").json
    grid = {"tick": "0.00001", "lot": "0.1", "minimum_quantity": "10", "minimum_notional": "5"}
    assert (told["kind"], told["grid"]) == ("spot", grid)
    [row] = desk("data", "list", "--json").json
    assert row["grid"] == grid
    shown = "sessions of spot, tick 0.00001, lot 0.1, smallest order 10 and 5 in quote currency: gap 1"
    assert shown in desk("data", "check", "DOGE-USDT/M5").out


def test_an_import_does_not_need_it_and_it_may_be_said_later_of_the_recording_itself(desk, file):
    words = ("--instrument", "DOGE/USDT", "--timeframe", "M5", "--source", "own")
    first = desk("data", "import", "file.csv", *words, "--json").json
    assert (first["kind"], first["grid"]) == (None, None)
    later = desk("data", "import", first["file"], *words, "--kind", "spot", *GRID, "--json").json
    assert (later["added"], later["sha256"], later["kind"]) == (0, first["sha256"], "spot")
    assert read_facts(Path(first["file"])).instrument.minimum_quantity == 10


def test_what_contradicts_is_refused_until_somebody_says_which_stays(desk, file):
    desk(*IMPORT)
    file.write_text(CSV + line(5, volume="4") + line(20))
    ended = desk(*IMPORT)
    assert ended.code == 1
    assert "2025-01-15T12:05:00Z: volume is 3.0 here and 4.0 there" in ended.err
    told = desk(*IMPORT, "--prefer", "new", "--json").json
    assert (told["contradicting"], told["added"], told["candles"]) == (1, 1, 4)


def test_a_broken_file_is_refused_with_row_and_values(desk, file):
    file.write_text(CSV + line(0) + line(5, "1.1,1.0,1.2,1.1"))
    ended = desk(*IMPORT)
    assert ended.code == 1
    assert (
        "enclose: row 2, 2025-01-15T12:05:00Z: expected high and low around open and close, found open 1.1" in ended.err
    )
    assert desk("data", "list").out.startswith("no recordings in")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((*IMPORT[:-1], "M7"), 2, "expected a timeframe, one of M1, M5"),
        ((*IMPORT, "--timezone", "Mars"), 3, "--timezone: expected UTC"),
        ((*IMPORT, "--source", "A B"), 3, "source: expected small letters"),
        ((*IMPORT, *GRID[:4]), 2, "--tick, --lot, --minimum-quantity together, found no --minimum-quantity"),
        ((*IMPORT, *GRID, "--minimum-notional", "many"), 2, "--minimum-notional: expected an amount such as 0.01"),
        ((*IMPORT, *GRID[2:], "--tick", "0"), 2, "tick: expected an amount above 0, found 0"),
        ((*IMPORT, "--columns", "time=when"), 3, "--columns: expected one of"),
        (("data", "import", "none.csv", *IMPORT[3:]), 3, "none.csv: expected a file with candles, found none"),
        (("data", "check", "own/EUR-USD/M5"), 1, "expected a recording in"),
        (("data", "check"), 1, "expected recordings, found none"),
        (("data", "resample", "own/EUR-USD/M5", "H1"), 1, "expected a recording in"),
        (("data", "download", "sampel", "EUR/USD", "M5", "--from", "2025-01-01"), 2, "did you mean 'sample'"),
        (("data", "download", "sample", "EUR/USD", "M5", "--from", "soon"), 2, "expected a time such as"),
        (("data", "download", "sample", "EUR/USB", "M5", "--from", "2025-01-01"), 1, "did you mean 'EUR/USD'"),
    ],
)
def test_what_cannot_be_done_ends_with_its_code_and_says_why(desk, file, words, code, message):
    ended = desk(*words)
    assert (ended.code, ended.out) == (code, "")
    assert message in ended.err


def test_recordings_are_listed_with_what_is_in_them(desk, home):
    write(home, recorded(20).rows(np.r_[0:5, 8:20]))
    assert "made/EUR-USD/M5 EUR/USD 2026-01-12 12:00 2026-01-12 13:40 17 1 3" in squeezed(desk("data", "list").out)
    [row] = desk("data", "list", "--json").json
    assert (row["candles"], row["gaps"], row["missing"], row["kind"]) == (17, 1, 3, "fx")
    assert (row["from"], row["to"]) == ("2026-01-12T12:00:00+00:00", "2026-01-12T13:40:00+00:00")
    assert row["sha256"] == read_facts(Path(row["file"])).sha256
    assert row["bytes"] == Path(row["file"]).stat().st_size


def test_another_folder_may_hold_them(desk, file, home, monkeypatch):
    monkeypatch.setenv("DESK_DATA", str(home / "elsewhere"))
    assert desk(*IMPORT).code == 0
    assert (home / "elsewhere" / "imported" / "EUR-USD" / "M5.parquet").is_file()


def test_what_is_odd_ends_with_1_only_where_that_was_asked_for(desk, home):
    write(home, recorded(20).rows(np.r_[0:5, 8:20]))
    ended = desk("data", "check")
    assert ended.code == 0
    assert "made/EUR-USD/M5: 17 candles, sessions of fx: gap 1" in ended.out
    assert "gap: 2026-01-12T12:25:00Z to 2026-01-12T12:35:00Z: expected 3 candles, found none" in ended.out
    assert desk("data", "check", "--strict").code == 1


def test_what_is_wrong_ends_with_1_and_is_told_with_time_and_rule(desk, home):
    write(home, changed(recorded(20), "low", 7, 1.3))
    ended = desk("data", "check", "made/EUR-USD/M5", "--json")
    assert ended.code == 1
    [one] = ended.json
    [broken] = one["broken"]
    assert (broken["rule"], broken["wrong"], broken["places"]) == ("enclose", True, 1)
    assert (broken["first"][0]["at"], broken["first"][0]["row"]) == ("2026-01-12T12:35:00+00:00", 8)


def write(home, columns):
    name = SeriesName("made", "EUR/USD", Timeframe.M5)
    at = datetime.fromtimestamp(FIRST, tz=UTC)
    write_file(name.path(home / "data"), Facts(name, InstrumentKind.FX, at, data_hash(columns)), columns)


def test_candles_of_a_made_market_are_downloaded_without_a_venue(desk, home):
    words = ("data", "download", "sample", "EUR/USD", "H1", "--from", "2025-01-13", "--to", "2025-01-15", "--json")
    told = desk(*words).json
    assert (told["name"], told["candles"], told["fetched"]) == ("synthetic/EUR-USD/H1", 48, 48)
    assert desk(*words).json["fetched"] == 0


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("oanda", "kucoin"))) as running:
        yield running


@pytest.fixture
def connected(home, addresses, monkeypatch):
    """A fleet whose accounts are on paper, with the candles of two simulated venues."""
    written = {
        "connections": {
            "euros": {
                "kind": "oanda",
                "environment": "simulator",
                "url": addresses.venues["oanda"],
                "account_id": "101-001-0000001-001",
                "secrets": {"token": "TEST_TOKEN"},
            },
            "coins": {
                "kind": "kucoin",
                "environment": "simulator",
                "url": addresses.venues["kucoin"],
                "secrets": {"key": "TEST_TOKEN", "secret": "TEST_TOKEN", "passphrase": "TEST_TOKEN"},
            },
        },
        "feeds": {"euros": {"kind": "venue", "connection": "euros"}},
        "venues": {"oanda": {"maker_fee_bps": 0, "taker_fee_bps": 0}},
        "accounts": {
            "sample": {
                "venue": "oanda",
                "mode": "paper",
                "feed": "euros",
                "currency": "USD",
                "starting_cash": 1000,
                "instruments": ["EUR/USD"],
                "strategies": [{"name": "breakout"}],
                "policy": "balanced",
                "schedule": {"every": "5m"},
            }
        },
    }
    (home / "config" / "accounts.yaml").write_text(json.dumps(written))
    monkeypatch.setenv("TEST_TOKEN", "simulator-oanda-token")


DOWNLOADS = {
    "of an account": ("sample", SeriesName("oanda-simulator", "EUR/USD", Timeframe.M5)),
    "of a connection": ("coins", SeriesName("kucoin-simulator", "BTC/USDT", Timeframe.M5)),
}
START, END = datetime(2026, 1, 8, tzinfo=UTC), datetime(2026, 1, 14, tzinfo=UTC)
"""More candles than one page, and for currencies a week end."""


@pytest.mark.parametrize("case", DOWNLOADS)
def test_the_candles_of_a_venue_come_over_its_wire_and_are_those_of_its_market(desk, home, connected, case):
    origin, name = DOWNLOADS[case]
    words = ("data", "download", origin, name.instrument, "M5", "--from", f"{START:%Y-%m-%d}")
    part = desk(*words, "--to", "2026-01-12T15:00Z")
    assert part.code == 0
    assert re.search(rf"^{name}: \d+ candles came; now \d+ candles from 2026-01-08 00:00 to 2026-01-12 15:00", part.out)
    told = desk(*words, "--to", f"{END:%Y-%m-%d}", "--json").json
    expected = market_of(name)
    found = load(name.path(home / "data"))
    assert found.time.tolist() == expected.time.tolist()
    np.testing.assert_allclose(found.close, expected.close, rtol=1e-4)
    assert (told["candles"], told["fetched"]) == (len(expected), int((expected.time >= 1768230000).sum()))
    assert desk("data", "check", str(name)).out.endswith("nothing wrong, nothing odd\n")
    assert read_facts(name.path(home / "data")).instrument == CATALOGUE[name.instrument].instrument
    assert (found.bid is None) == (origin == "coins")


def market_of(name):
    market = SyntheticFeed(7).candles(name.instrument, name.timeframe, until=END, count=3_000)
    return asyncio.run(market).since(START)


def test_calls_are_counted_where_there_is_a_ledger(desk, home, connected):
    asyncio.run(upgrade(f"sqlite:///{home / 'desk.db'}"))
    words = ("data", "download", "coins", "BTC/USDT", "H1", "--from", "2026-01-08", "--to", "2026-01-09")
    assert desk(*words).code == 0
    assert sum(row["calls"] for row in desk("usage", "--json").json["endpoints"]) > 0
