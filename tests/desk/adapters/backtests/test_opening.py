"""What an account begins with and where its candles come from is said where it cannot be used."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import Fleet
from desk.adapters.backtests.opening import open_past
from desk.adapters.configuration import read_fleet
from desk.adapters.data.grids import Grid
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.errors import ConfigError
from desk.model.instrument import InstrumentKind
from tests.desk.candle_checks.recordings import M5, recorded

CONFIG = Path(__file__).parents[4] / "config"
START = datetime(2026, 3, 3, tzinfo=UTC)


async def past_with(cash: Decimal | None):
    fleet = read_fleet(CONFIG)
    return await open_past(fleet, "oanda-momentum", start=START, end=START + timedelta(hours=2), cash=cash)


@pytest.mark.parametrize("cash", ["0", "-5", "NaN", "Infinity"])
async def test_an_account_cannot_begin_with_nothing(cash):
    with pytest.raises(ConfigError, match=f"oanda-momentum: expected cash above 0 to begin with, found {cash}"):
        await past_with(Decimal(cash))


@pytest.mark.parametrize(("cash", "expected"), [(None, 100_000), (Decimal(250), 250)])
async def test_an_account_begins_with_what_is_said_or_else_with_what_is_configured(cash, expected):
    assert (await past_with(cash)).opening.cash == expected


async def test_a_feed_of_a_venue_has_no_recorded_candles_and_the_error_says_how_to_get_and_name_them():
    fleet = read_fleet(CONFIG / "rehearsal")
    words = r"get them with `desk data download` and name them with `--file [A-Z/:]+=candles\.parquet`"
    name = next(name for name, one in fleet.accounts.items() if one.universe is None)
    with pytest.raises(ConfigError, match=words):
        await open_past(fleet, name)


ACCOUNTS = """\
feeds:
  embedded: {kind: synthetic, seed: 7}
  coins: {kind: recorded, files: {DOGE/USDT: plain.csv}, instruments: {DOGE/USDT: GRID}}
  venue: {kind: venue, connection: there}
connections:
  there: {kind: kucoin, environment: simulator, url: "http://localhost:1",
    secrets: {key: K, secret: S, passphrase: P}}
venues:
  kucoin: {maker_fee_bps: 10, taker_fee_bps: 10}
accounts:
  sample:
    {venue: kucoin, mode: paper, feed: FEED, currency: USDT, starting_cash: 1000, policy: balanced,
     instruments: [DOGE/USDT, DOGE/EUR], strategies: [{name: breakout}], schedule: {every: 5m}}
fleet_currency: USDT
"""
POLICY = """\
policies:
  balanced:
    sizing: {name: fixed_fraction, parameters: {fraction: 0.005}}
    entry_score: 0.35
    exit_score: 0.3
    rules: [{name: total_exposure, multiple: 3}]
"""
OF_THE_FEED = "{kind: spot, tick: 0.001, lot: 1, minimum_quantity: 5}"
OF_THE_FILE = Grid(Decimal("0.00001"), Decimal("0.1"), Decimal(10))


def fleet_with(folder: Path, feed: str) -> Fleet:
    listed = "[DOGE/USDT, DOGE/EUR]" if feed == "venue" else "[DOGE/USDT]"
    text = ACCOUNTS.replace("GRID", OF_THE_FEED).replace("FEED", feed).replace("[DOGE/USDT, DOGE/EUR]", listed)
    (folder / "accounts.yaml").write_text(text)
    (folder / "policy.yaml").write_text(POLICY)
    plain(folder)
    return read_fleet(folder)


def plain(folder: Path) -> Path:
    """A file that says nothing about itself."""
    lines = (f"2025-01-15T{at // 12:02}:{at % 12 * 5:02}:00Z,0.3,0.31,0.29,0.3,1000" for at in range(99))
    (folder / "plain.csv").write_text("\n".join(("time,open,high,low,close,volume", *lines)))
    return folder / "plain.csv"


def recording(folder: Path, name: str) -> Path:
    batch = Batch(SeriesName("made", name, M5), recorded(300), "made", InstrumentKind.SPOT, grid=OF_THE_FILE)
    return keep(folder, batch, written_at=START).path


async def test_an_instrument_of_no_catalogue_is_traded_on_the_grid_of_its_file(tmp_path: Path):
    doge, other, euro = (recording(tmp_path, name) for name in ("DOGE/USDT", "DOGE/EUR", "EUR/USDT"))
    given = {"DOGE/USDT": doge, "DOGE/EUR": other, "EUR/USDT": euro}
    past = await open_past(fleet_with(tmp_path, "venue"), "sample", files=given)
    assert past.policy.instruments == ("DOGE/USDT", "DOGE/EUR")
    assert past.history.instruments["DOGE/USDT"] == OF_THE_FILE.instrument("DOGE/USDT", InstrumentKind.SPOT)
    assert set(past.files) == set(given)  # the pair that says what a euro is worth has candles as well


async def test_what_the_feed_of_the_account_says_goes_before_what_a_given_file_says(tmp_path: Path):
    fleet = fleet_with(tmp_path, "coins")
    for path in (plain(tmp_path), recording(tmp_path, "DOGE/USDT")):
        past = await open_past(fleet, "sample", files={"DOGE/USDT": path})
        assert past.history.instruments["DOGE/USDT"].lot == 1
    assert (await open_past(fleet, "sample")).history.instruments["DOGE/USDT"].lot == 1


async def test_a_file_that_says_nothing_is_refused_with_what_to_do_where_the_account_trades_at_a_venue(tmp_path: Path):
    given = {"DOGE/USDT": plain(tmp_path)}
    with pytest.raises(ConfigError, match=r"unknown instrument 'DOGE/USDT'[^`]*`desk data import .*plain\.csv"):
        await open_past(fleet_with(tmp_path, "venue"), "sample", files=given)
