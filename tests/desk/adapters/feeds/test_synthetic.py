"""The embedded market: the same for everyone, shaped like a market, and open when markets are."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.factors import EPOCH_DAY, FACTORS, FactorPaths
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.errors import DataError
from desk.model.instrument import InstrumentKind
from desk.model.sessions import open_mask
from desk.model.timeframe import Timeframe

ROOT = Path(__file__).parents[4]
AT = datetime(2025, 3, 12, 14, 7, 30, tzinfo=UTC)
NAMES = list(CATALOGUE)
TIMES = st.integers(1_577_836_800, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, tz=UTC))
WARM = SyntheticFeed(11)


def digest(candles):
    hashed = hashlib.sha256(candles.time.tobytes())
    for bars in (candles, candles.bid, candles.ask):
        for values in (bars.open, bars.high, bars.low, bars.close):
            hashed.update(values.tobytes())
    hashed.update(candles.volume.tobytes())
    return hashed.hexdigest()


async def digest_of_a_day(seed=11):
    return digest(await SyntheticFeed(seed).candles("EUR/GBP", Timeframe.M5, until=AT, count=288))


async def month(name, timeframe=Timeframe.H1):
    return await WARM.candles(name, timeframe, until=AT, count=600)


async def test_another_process_sees_the_same_candles_to_the_last_digit():
    code = (
        "import asyncio, sys; sys.path.insert(0, sys.argv[1]); import test_synthetic as t;"
        "print(asyncio.run(t.digest_of_a_day()))"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "5"}
    other = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: ASYNC221
    assert other.stdout.strip() == await digest_of_a_day()


async def test_another_seed_is_another_market():
    assert await digest_of_a_day(12) != await digest_of_a_day(11)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), TIMES), min_size=1, max_size=3), st.sampled_from(NAMES), TIMES)
async def test_what_was_asked_before_changes_nothing(earlier, name, at):
    feed = SyntheticFeed(11)
    for other, time in earlier:
        await feed.candles(other, Timeframe.M15, until=time, count=50)
    asked = await feed.candles(name, Timeframe.M5, until=at, count=50)
    alone = await SyntheticFeed(11).candles(name, Timeframe.M5, until=at, count=50)
    assert digest(asked) == digest(alone)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(list(Timeframe)), TIMES, st.integers(0, 5_000), st.integers(1, 90))
async def test_a_candle_stays_as_it_was_when_time_goes_on(name, timeframe, at, minutes, count):
    until = at + timedelta(minutes=minutes)
    then = await WARM.candles(name, timeframe, until=at, count=count)
    later = await WARM.candles(name, timeframe, until=until, count=count + minutes)
    assert digest(later.until(at).tail(len(then))) == digest(then)
    assert len(later) == 0 or later.closed_at <= until
    assert len(then) == count or at < datetime(2020, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", NAMES)
async def test_bid_and_ask_lie_on_the_tick_around_the_middle(name):
    candles = await WARM.candles(name, Timeframe.M1, until=AT, count=1_500)
    per_unit = float(1 / CATALOGUE[name].instrument.tick)
    for bars in (candles, candles.bid, candles.ask):
        for values in (bars.open, bars.high, bars.low, bars.close):
            assert np.array_equal(np.rint(values * per_unit) / per_unit, values)
    assert (candles.ask.low > candles.bid.low).all()
    assert (candles.volume > 0).all()


@pytest.mark.parametrize("name", ["EUR/USD", "XAU/USD", "BTC/USD"])
async def test_there_is_a_candle_exactly_in_every_open_minute(name):
    week = await WARM.candles(name, Timeframe.M1, until=AT, count=8_000)
    minutes = np.arange(week.time[0], week.time[-1] + 60, 60)
    assert np.array_equal(week.time, minutes[open_mask(CATALOGUE[name].instrument.kind, minutes)])


@pytest.mark.parametrize(
    ("name", "fraction"), [("EUR/USD", 0.005), ("EUR/GBP", 0.004), ("XAU/USD", 0.009), ("BTC/USD", 0.027)]
)
async def test_days_are_as_volatile_as_the_real_ones(name, fraction):
    days = await WARM.candles(name, Timeframe.D1, until=AT, count=1_500)
    days = days if CATALOGUE[name].instrument.kind is InstrumentKind.SPOT else weekdays(days)
    assert np.diff(np.log(days.close)).std() == pytest.approx(fraction, rel=0.15)


def weekdays(days):
    keep = (days.time // 86_400 + 3) % 7 < 5
    return type(days)(
        "", days.timeframe, *(getattr(days, n)[keep] for n in ("time", "open", "high", "low", "close", "volume"))
    )


async def test_moves_persist_so_that_trends_can_be_followed():
    ratios = []
    for name in ("EUR/USD", "USD/JPY", "XAU/USD", "BTC/USD", "ETH/USD"):
        closes = np.log((await WARM.candles(name, Timeframe.H1, until=AT, count=5_000)).close)
        ratios.append(np.diff(closes[::24]).var() / (24 * np.diff(closes).var()))
    assert min(ratios) > 1.3


async def test_europe_and_america_are_busier_than_asia():
    candles = await WARM.candles("EUR/USD", Timeframe.H1, until=AT, count=2_000)
    hour = candles.time % 86_400 // 3_600
    size = np.abs(np.log(candles.close / candles.open))
    assert size[(hour >= 12) & (hour < 16)].mean() > 1.5 * size[(hour >= 1) & (hour < 5)].mean()


async def test_the_spread_widens_around_the_daily_break():
    candles = await WARM.candles("EUR/USD", Timeframe.M1, until=AT, count=1_400)
    hour = candles.time % 86_400 / 3_600
    spread = candles.ask.open - candles.bid.open
    near, busy = spread[(hour > 20.75) & (hour < 21.25)], spread[(hour >= 12) & (hour < 16)]
    assert np.median(near) > 2 * np.median(busy)


async def test_crosses_follow_from_their_legs():
    euro, sterling, cross = [await month(name) for name in ("EUR/USD", "GBP/USD", "EUR/GBP")]
    assert cross.close == pytest.approx(euro.close / sterling.close, rel=1e-4)


async def test_coins_move_together_and_with_their_perpetual():
    bitcoin, ether, perpetual = [await month(name) for name in ("BTC/USDT", "ETH/USDT", "BTC/USDT:USDT")]
    returns = [np.diff(np.log(candles.close)) for candles in (bitcoin, ether, perpetual)]
    correlation = np.corrcoef(returns)
    assert correlation[0, 1] > 0.4
    assert correlation[0, 2] > 0.99
    assert perpetual.close == pytest.approx(bitcoin.close, rel=0.01)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_prices_stay_near_their_base_for_decades(seed):
    paths = FactorPaths(seed)
    levels = [paths.day(FACTORS["DOLLAR"], EPOCH_DAY + day).path[0] for day in range(0, 365 * 30, 30)]
    assert 0.01 < np.std(levels) < 0.08
    assert np.abs(levels).max() < 0.25


def test_a_day_ends_where_the_next_begins():
    paths = FactorPaths(3)
    days = [paths.day(FACTORS["GOLD"], EPOCH_DAY + day) for day in range(175, 190)]
    assert [day.path[-1] for day in days[:-1]] == [day.path[0] for day in days[1:]]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(NAMES), TIMES.filter(lambda at: at > datetime(2020, 1, 8, tzinfo=UTC)))
async def test_a_quote_is_the_open_of_its_minute_or_the_last_close(name, at):
    quote = (await WARM.quotes([name], at=at))[name]
    minutes = await WARM.candles(name, Timeframe.M1, until=at + timedelta(minutes=1), count=2)
    row = int(np.searchsorted(minutes.time, at.timestamp(), side="right")) - 1
    contains = minutes.time[row] + 60 > at.timestamp()
    expected = minutes.bid.open[row] if contains else minutes.bid.close[row]
    assert quote.bid == Decimal(str(expected))
    assert quote.tradable == contains
    assert quote.at <= at


async def test_all_week_end_there_is_a_quote_that_cannot_be_traded():
    sunday = datetime(2025, 3, 9, 20, 59, tzinfo=UTC)
    quotes = await WARM.quotes(["EUR/USD", "XAU/USD", "BTC/USD"], at=sunday)
    assert {name: quote.tradable for name, quote in quotes.items()} == {
        "EUR/USD": False,
        "XAU/USD": False,
        "BTC/USD": True,
    }
    assert quotes["EUR/USD"].at == datetime(2025, 3, 7, 21, 58, tzinfo=UTC)


async def test_an_unknown_instrument_has_no_quote_and_its_candles_are_refused_by_the_nearest_name():
    assert await WARM.quotes(["JPY/USD"], at=AT) == {}
    with pytest.raises(DataError, match=r"unknown instrument 'EUR/US'; did you mean 'EUR/USD'\?"):
        await WARM.candles("EUR/US", Timeframe.M1, until=AT, count=1)


async def test_before_the_market_existed_there_is_nothing():
    before = datetime(2019, 12, 31, tzinfo=UTC)
    assert len(await WARM.candles("BTC/USD", Timeframe.M1, until=before, count=10)) == 0
    assert await WARM.quotes(["BTC/USD"], at=before) == {}
    first = await WARM.candles("BTC/USD", Timeframe.M1, until=datetime(2020, 1, 1, 0, 5, tzinfo=UTC), count=10)
    assert len(first) == 5
