"""A book is read after the candle has closed: it counts for the decision that reads it, and for none before."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.decide import WeightedStrategy, compute_signals
from desk.decide.sides import LongMarket, SideRules
from desk.errors import AccessDenied, DataError, InvalidOrder, VenueUnavailable
from desk.model.cycle import Decision
from desk.model.depth import Depth, Funding, Level
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy
from desk.registry import strategies
from desk.steps.markets import fetch_markets
from desk.steps.side_data import SideData
from tests.builders import CLOSE, Constant, policy
from tests.desk.steps.fakes import FakeFeed

READ_AT = CLOSE + timedelta(seconds=5)
DENIED = AccessDenied("fake", "book", "401", "no")


class Leaning(Constant):
    """Reads the book."""

    series = ("book_imbalance", "micro_price")


Leaning.name = "leaning"


@dataclass
class Books:
    """Has the book and the funding of `at`; raises, or is silent, where it is told to."""

    at: datetime = READ_AT
    error: Exception | None = None
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    async def depth(self, instrument: str, *, at: datetime) -> Depth | None:
        self.asked.append(instrument)
        if self.error:
            raise self.error
        if self.silent:
            await asyncio.sleep(60)
        return Depth(instrument, (Level(Decimal("1.0"), Decimal(3)),), (Level(Decimal("1.2"), Decimal(1)),), self.at)

    async def funding(self, instrument: str, *, at: datetime) -> Funding | None:
        self.asked.append(f"funding of {instrument}")
        return Funding(instrument, Decimal("0.0002"), timedelta(hours=8), self.at)


async def fetch(books: Books, *read: Strategy, sides: SideRules | None = None, patience: float = 5.0):
    source = SideData(books, books, lambda: READ_AT, patience)
    return await fetch_markets(FakeFeed(), policy(*read, sides=sides), CLOSE, source)


async def test_what_is_read_after_the_close_counts_for_the_newest_candle_and_for_no_other():
    market = (await fetch(Books(), Leaning())).by_instrument["EUR/USD"]
    assert market.delay == 5
    assert market.latest("book_imbalance")[-1] == 0.5
    assert market.latest("micro_price")[-1] == pytest.approx(1.15)
    assert market.age("book_imbalance")[-1] == 0
    assert np.isnan(market.latest("book_imbalance")[:-1]).all()


async def test_a_book_that_its_source_has_had_for_a_while_is_as_old_as_that():
    market = (await fetch(Books(CLOSE - timedelta(seconds=30)), Leaning())).by_instrument["EUR/USD"]
    assert market.age("book_imbalance")[-1] == 35


@pytest.mark.parametrize(("ahead", "age"), [(0.4, 0), (5, 0), (5.1, None), (3_600, None)])
async def test_a_source_whose_clock_is_a_little_ahead_is_believed_and_a_book_of_another_time_is_not(ahead, age):
    market = (await fetch(Books(READ_AT + timedelta(seconds=ahead)), Leaning())).by_instrument["EUR/USD"]
    assert (None if not market.series else market.age("book_imbalance")[-1]) == age


async def test_who_reads_the_book_asks_for_it_once_and_for_no_funding():
    books = Books()
    await fetch(books, Leaning())
    assert books.asked == ["EUR/USD"]


async def test_nothing_is_asked_of_a_source_that_nobody_reads():
    books = Books()
    markets = await fetch(books, Constant())
    assert books.asked == []
    assert (markets.by_instrument["EUR/USD"].series, markets.by_instrument["EUR/USD"].delay) == ({}, 0)


async def test_only_the_series_that_somebody_reads_are_asked_for():
    books = Books()
    markets = await fetch(books, Constant(), sides=SideRules(LongMarket.CHEAPEST))
    assert books.asked == ["funding of EUR/USD"]
    assert markets.by_instrument["EUR/USD"].latest("funding_rate")[-1] == 0.0002


@pytest.mark.parametrize(
    "error", [VenueUnavailable("fake", "book", "503"), DataError("unknown"), InvalidOrder("fake", "book", "-1121")]
)
async def test_a_book_that_cannot_be_read_is_unknown_and_told_and_its_market_is_decided_without(error):
    markets = await fetch(Books(error=error), Leaning())
    assert markets.by_instrument["EUR/USD"].series == {}
    assert markets.given_up().unread == {"EUR/USD": (f"book: {error}",)}


async def test_a_source_that_hangs_costs_a_few_seconds_and_not_the_candle():
    markets = await fetch(Books(silent=True), Leaning(), patience=0.01)
    assert markets.unread == {"EUR/USD": ("book: no answer in 0.01 s",)}


async def test_keys_that_are_not_accepted_are_not_passed_over():
    with pytest.raises(AccessDenied):
        await fetch(Books(error=DENIED), Leaning())


async def test_a_strategy_decides_by_the_book_of_the_made_market_and_a_later_look_at_it_says_the_same():
    name, feed = "BTC/USDT:USDT", SyntheticFeed(7)
    hft = WeightedStrategy(strategies().build("hft", {"full_distance": 0.02}), 1.0)
    chosen = policy(strategies=(hft,), instruments=(name,), timeframe=Timeframe.M1, lookback=200)
    signals = []
    for close in (CLOSE + timedelta(minutes=row) for row in range(30)):
        now = close + timedelta(seconds=5)
        for later in (now, now):
            source = SideData(feed, feed, lambda at=later: at)
            markets = await fetch_markets(feed, chosen, close, source)
            signals.append(compute_signals(chosen, markets.by_instrument, close, Decision()).signals[0])
    assert signals[::2] == signals[1::2]
    assert min(one.score for one in signals) < 0 < max(one.score for one in signals)
    without = await fetch_markets(feed, chosen, CLOSE)
    assert compute_signals(chosen, without.by_instrument, CLOSE, Decision()).signals[0].score == 0
