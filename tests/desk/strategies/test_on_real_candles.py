"""With their defaults the strategies trade now and then on real candles, on both sides: neither never nor all the time.

Each is examined on candles of the kind that it is made for; hft, which needs the order book, on a made market.
"""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from console.examining import market_of
from desk import registry
from desk.adapters.feeds.candle_files import read_candles
from desk.contracts.strategies import market_for
from desk.model.candles import Candles
from desk.model.market import Market
from desk.strategies.hft import Hft

DATA = Path(__file__).parents[4] / "shared" / "data"
ENTRY_SCORE = 0.5

EURO, GOLD = "EUR_USD_M1_bidask_oanda_lean", "XAU_USD_M1_bidask_oanda_lean"
BITCOIN = "BTC-USDT_M5_binance_2024"
LONG_EURO, LONG_GOLD, LONG_POUND = (
    "EUR_USD_H1_bidask_oanda_lean", "XAU_USD_H1_bidask_oanda_lean", "GBP_USD_H1_mt5_2012_2022",
)  # fmt: skip
WEEKS = ((EURO, "2014-05-05", "2014-05-10"), (GOLD, "2014-05-05", "2014-05-10"), (BITCOIN, "2024-03-04", "2024-03-11"))
FORTNIGHTS = (
    (EURO, "2014-05-01", "2014-05-16"), (GOLD, "2014-05-01", "2014-05-16"), (BITCOIN, "2024-03-01", "2024-03-15"),
)  # fmt: skip
MONTHS = ((LONG_EURO, "2014-01-01", "2014-04-01"), (LONG_POUND, "2020-01-01", "2020-04-01"))
YEARS = ((LONG_GOLD, "2010-01-01", "2012-01-01"), (LONG_EURO, "2014-01-01", "2016-01-01"))
PERIODS = {
    "champion_75wr": FORTNIGHTS,
    "ultra_strict_forex": FORTNIGHTS[:2],  # made for currencies
    "swing_trading": MONTHS,
    "trend_following": YEARS,
    "momentum_24h": ((BITCOIN, "2024-03-01", "2024-04-01"),),
    "hft": (),
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real candles in {DATA}")


@cache
def candles_of(file: str) -> Candles:
    return read_candles(DATA / f"{file}.parquet", file)


def period(name: str, file: str, first: str, last: str) -> tuple[np.ndarray, Market]:
    start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    strategy = registry.strategies().build(name, {})
    market = market_of(strategy, candles_of(file).since(start).until(end))
    assert market is not None
    return strategy.evaluate(market).score, market


def entries(score: np.ndarray) -> int:
    wants = np.abs(np.nan_to_num(score)) >= ENTRY_SCORE
    return int((wants[1:] & ~wants[:-1]).sum())


CASES = [(name, *where) for name in registry.strategies().discover() for where in PERIODS.get(name, WEEKS)]


@pytest.mark.parametrize(("name", "file", "first", "last"), CASES)
def test_a_period_has_a_handful_to_some_dozens_of_entries_on_both_sides(name, file, first, last):
    score, market = period(name, file, first, last)
    assert len(market.own) > 500
    assert 3 <= entries(score) <= 0.06 * len(score)
    assert np.nanmax(score) >= ENTRY_SCORE
    assert np.nanmin(score) <= -ENTRY_SCORE


def test_hft_leans_to_both_sides_of_a_made_book():
    score = Hft().evaluate(market_for(Hft(), 1_000)).score
    assert entries(score * (score > 0)) > 3
    assert entries(score * (score < 0)) > 3
