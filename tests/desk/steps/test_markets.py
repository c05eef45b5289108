"""Collecting candles: what an instrument's data cannot carry becomes a reason, a silent source stays a failure."""

import asyncio

import pytest

from desk.errors import (
    DataError,
    GappedCandles,
    LedgerError,
    MalformedCandles,
    MarketClosed,
    RateLimited,
    StaleCandles,
    VenueUnavailable,
)
from desk.model.reasons import Reason
from desk.model.timeframe import Timeframe
from desk.model.trade import NoTrade
from desk.steps.markets import Markets, fetch_markets
from tests.builders import CLOSE, Constant, candles, policy
from tests.desk.steps.fakes import FakeFeed

TWO = ("EUR/USD", "XAU/USD")


class Patient(Constant):
    """Reads the hour beside the account's own candles."""

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        return (Timeframe.H1,)


async def fetch(feed, *strategies, instruments=TWO) -> Markets:
    return await fetch_markets(feed, policy(*strategies, instruments=instruments), CLOSE)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MalformedCandles("high below low"), Reason.MALFORMED_DATA),
        (StaleCandles("an hour old"), Reason.STALE_DATA),
        (GappedCandles("a hole"), Reason.GAPPED_DATA),
        (MarketClosed("week-end"), Reason.MARKET_CLOSED),
        (DataError("unknown instrument"), Reason.NO_DATA),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_unusable_data_cost_their_instrument_with_the_reason_of_the_error_and_no_other(error, reason):
    markets = await fetch(FakeFeed({"EUR/USD": error}))
    assert markets.no_trades == (NoTrade("EUR/USD", reason, str(error)),)
    assert list(markets.by_instrument) == ["XAU/USD"]
    assert markets.failures == {}


@pytest.mark.parametrize("kind", [VenueUnavailable, RateLimited])
async def test_a_source_that_does_not_answer_is_a_failure_and_not_yet_a_reason(kind):
    more = {"retry_after": CLOSE - CLOSE} if kind is RateLimited else {}
    error = kind("fake", "candles", "503", "maintenance", **more)
    markets = await fetch(FakeFeed({"XAU/USD": error}))
    assert markets.failures == {"XAU/USD": error}
    assert markets.no_trades == ()
    assert list(markets.by_instrument) == ["EUR/USD"]


async def test_a_failure_that_is_given_up_becomes_a_reason_beside_the_earlier_ones():
    silent = VenueUnavailable("fake", "candles", message="no answer in 10 s")
    markets = await fetch(FakeFeed({"EUR/USD": GappedCandles("a hole"), "XAU/USD": silent}))

    given_up = markets.given_up()

    assert given_up.failures == {}
    assert [(passed.instrument, passed.reason) for passed in given_up.no_trades] == [
        ("EUR/USD", Reason.GAPPED_DATA),
        ("XAU/USD", Reason.NO_DATA),
    ]
    assert given_up.no_trades[1].detail == str(silent)


async def test_every_timeframe_of_the_strategies_is_fetched_as_of_the_candle_and_as_long_as_the_look_back():
    feed = FakeFeed()
    markets = await fetch(feed, Patient(), instruments=("EUR/USD",))
    assert set(feed.asked) == {
        ("EUR/USD", Timeframe.M5, CLOSE, 50),
        ("EUR/USD", Timeframe.H1, CLOSE, 50),
    }
    assert markets.by_instrument["EUR/USD"].own.timeframe is Timeframe.M5
    assert markets.by_instrument["EUR/USD"].candles(Timeframe.H1).timeframe is Timeframe.H1


async def test_one_unusable_timeframe_is_enough_to_drop_an_instrument():
    class HourlyGap(FakeFeed):
        async def candles(self, instrument, timeframe, *, until, count):
            if timeframe is Timeframe.H1:
                raise GappedCandles("no hours")
            return await super().candles(instrument, timeframe, until=until, count=count)

    markets = await fetch(HourlyGap(), Patient(), instruments=("EUR/USD",))
    assert [passed.reason for passed in markets.no_trades] == [Reason.GAPPED_DATA]
    assert markets.by_instrument == {}


async def test_instruments_keep_the_order_of_the_policy_whoever_answers_first():
    class SlowFirst(FakeFeed):
        async def candles(self, instrument, timeframe, *, until, count):
            await asyncio.sleep(0.01 if instrument == "EUR/USD" else 0)
            return candles([1.0] * 3, instrument=instrument)

    assert list((await fetch(SlowFirst())).by_instrument) == ["EUR/USD", "XAU/USD"]


async def test_an_error_that_is_neither_of_data_nor_of_a_source_is_not_swallowed():
    with pytest.raises(LedgerError):
        await fetch(FakeFeed({"EUR/USD": LedgerError("disk full")}))
