"""The quote as of a time: the open of the candle that contains it, else the close of the last one before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.matching.quoting import quote_of, tradable_mask
from desk.model.assembling import from_bars
from desk.model.candles import PriceBars
from desk.model.timeframe import Timeframe

MONDAY = datetime(2025, 1, 13, 12, 0, tzinfo=UTC)
EUR_USD = CATALOGUE["EUR/USD"].instrument
FIVE_MINUTES = timedelta(minutes=5)


def bars(opens, close):
    values = [np.array([opens]), np.array([max(opens, close)]), np.array([min(opens, close)]), np.array([close])]
    return PriceBars(*values)


def one_candle(at=MONDAY, *, sides=True):
    time = np.array([int(at.timestamp())], dtype=np.int64)
    both = (bars(1.1, 1.2), bars(1.10010, 1.20010)) if sides else (None, None)
    return from_bars("EUR/USD", Timeframe.M1, time, bars(1.10005, 1.20005), np.ones(1), *both)


@pytest.mark.parametrize("seconds", [0, 1, 59.999999])
def test_the_open_counts_from_the_first_to_the_last_moment_of_its_candle(seconds):
    quote = quote_of(EUR_USD, one_candle(), MONDAY + timedelta(seconds=seconds), quiet_for=timedelta(0))
    assert (quote.bid, quote.ask) == (Decimal("1.1"), Decimal("1.1001"))
    assert quote.at == MONDAY
    assert quote.tradable


def test_after_the_candle_its_close_is_the_quote_and_tradable_while_quiet_is_short():
    at = MONDAY + timedelta(minutes=1)
    quote = quote_of(EUR_USD, one_candle(), at + FIVE_MINUTES, quiet_for=FIVE_MINUTES)
    assert (quote.bid, quote.ask, quote.at, quote.tradable) == (Decimal("1.2"), Decimal("1.2001"), at, True)
    late = quote_of(EUR_USD, one_candle(), at + FIVE_MINUTES + timedelta(seconds=1), quiet_for=FIVE_MINUTES)
    assert not late.tradable


def test_a_closed_session_is_not_tradable_however_fresh_the_last_candle():
    friday = datetime(2025, 1, 17, 21, 57, tzinfo=UTC)
    at = friday + timedelta(minutes=1)
    assert not quote_of(EUR_USD, one_candle(friday), at, quiet_for=FIVE_MINUTES).tradable


def test_there_is_no_quote_before_the_first_candle():
    assert quote_of(EUR_USD, one_candle(), MONDAY - timedelta(microseconds=1), quiet_for=FIVE_MINUTES) is None


def test_prices_off_the_tick_are_rounded_away_from_the_middle():
    quote = quote_of(EUR_USD, one_candle(sides=False), MONDAY, quiet_for=FIVE_MINUTES)
    assert (quote.bid, quote.ask) == (Decimal("1.10005"), Decimal("1.10005"))
    coarse = CATALOGUE["BTC/USDT"].instrument
    quote = quote_of(coarse, one_candle(sides=False), MONDAY, quiet_for=FIVE_MINUTES)
    assert (quote.bid, quote.ask) == (Decimal("1.1"), Decimal("1.2"))


@pytest.mark.parametrize("quiet_for", [timedelta(0), FIVE_MINUTES, timedelta(days=7)])
def test_many_times_are_tradable_exactly_where_each_of_their_quotes_is(quiet_for):
    friday = datetime(2025, 1, 17, 21, 50, tzinfo=UTC)
    candles = one_candle(friday)
    times = [friday + timedelta(seconds=seconds) for seconds in (0, 59, 60, 61, 360, 361, 479, 480, 481, 2 * 86_400)]
    quotes = [quote_of(EUR_USD, candles, at, quiet_for=quiet_for) for at in times]
    seconds = np.array([int(at.timestamp()) for at in times], dtype=np.int64)
    assert len({quote.tradable for quote in quotes}) == 2
    assert tradable_mask(EUR_USD, candles, seconds, quiet_for=quiet_for).tolist() == [one.tradable for one in quotes]
