from typing import ClassVar

import numpy as np
import pytest

from desk.backtest.validation.peeking import COLUMNS, Future, Peek, Source, cut_points, find_peeks
from desk.contracts.strategies import history_for, market_for
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy
from desk.registry import strategies

HONEST = sorted(strategies().discover())


def answer(market: Market, view: FloatArray, **features: FloatArray) -> Scores:
    size = np.full(len(market.own), 0.01)
    return Scores(np.tanh(np.nan_to_num(view)), size, size, features)


class Aligned(Strategy):
    """Looks at one column of one timeframe, some candles later than it may."""

    name: ClassVar[str] = "aligned"
    timeframe: Timeframe = Timeframe.M15
    column: str = "close"
    later: int = 1

    @property
    def reads(self) -> tuple[Timeframe, ...]:
        return (Timeframe.M15, Timeframe.H1)

    @property
    def warm_up(self) -> int:
        return 3

    def evaluate(self, market: Market) -> Scores:
        candles = market.candles(self.timeframe)
        values = getattr(candles.bid if self.column == "bid" else candles.ask, "close", None)
        values = getattr(candles, self.column) if self.column not in ("bid", "ask") else values
        values = np.append(values[self.later :], np.full(min(self.later, len(values)), values[-1:].sum()))
        aligned = market.align(self.timeframe, values)
        return answer(market, 0.1 * np.log(aligned))


class Unfinished(Strategy):
    """Takes the longer candle that an own one lies in, finished or not."""

    name: ClassVar[str] = "unfinished"

    @property
    def reads(self) -> tuple[Timeframe, ...]:
        return (Timeframe.H1,)

    @property
    def warm_up(self) -> int:
        return 3

    def evaluate(self, market: Market) -> Scores:
        hours = market.candles(Timeframe.H1)
        rows = np.searchsorted(hours.time, market.own.time, side="right") - 1
        return answer(market, 50 * (hours.high[rows] / market.own.open - 1) if len(hours) else market.own.open * 0)


class Padded(Strategy):
    """Looks at the next candle where there is one, and pretends to have seen nothing else where there is none."""

    name: ClassVar[str] = "padded"

    @property
    def warm_up(self) -> int:
        return 2

    def evaluate(self, market: Market) -> Scores:
        close = market.own.close
        quiet = np.append(np.abs(np.diff(close)) / close[1:] < 0.05, True)
        return answer(market, np.where(quiet, 0.2, 0.9), quiet=quiet.astype(float))


class Counting(Strategy):
    """Looks at how many candles there will be, and at none of them."""

    name: ClassVar[str] = "counting"

    @property
    def warm_up(self) -> int:
        return 2

    def evaluate(self, market: Market) -> Scores:
        return answer(market, np.linspace(0, 1, len(market.own)))


class Listening(Strategy):
    """Hears the news before it is told."""

    name: ClassVar[str] = "listening"

    @property
    def warm_up(self) -> int:
        return 2

    def evaluate(self, market: Market) -> Scores:
        news = market.series["news_pressure"].values
        return answer(market, np.full(len(market.own), news[-1] if len(news) else 0.0))


def drawn(strategy: Strategy, count: int = 700) -> Market:
    return market_for(strategy, count, half_spread_bps=0.4, wildness=5)


def only(strategy: Strategy, *, cuts: int = 12, label: str = "score") -> Peek:
    (found,) = [peek for peek in find_peeks(strategy, drawn(strategy), seed=3, cuts=cuts) if peek.label == label]
    return found


@pytest.mark.parametrize("timeframe", [Timeframe.M15, Timeframe.H1])
@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_a_peek_by_one_longer_candle_is_traced_to_its_column_and_timeframe(timeframe: Timeframe, column: str):
    assert only(Aligned(timeframe=timeframe, column=column)).sources == (Source(timeframe, column),)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_peek_by_one_own_candle_is_traced_to_its_column(column: str):
    assert only(Aligned(timeframe=Timeframe.M5, column=column)).sources == (Source(Timeframe.M5, column),)


def test_who_looks_at_no_later_candle_does_not_peek():
    for timeframe in (Timeframe.M5, Timeframe.M15, Timeframe.H1):
        strategy = Aligned(timeframe=timeframe, later=0)
        assert find_peeks(strategy, drawn(strategy), seed=3) == ()


def test_a_longer_candle_that_is_not_finished_is_the_future():
    found = only(Unfinished())
    assert found.sources == (Source(Timeframe.H1, "high"),)


def test_other_candles_find_who_fills_the_missing_future_with_something_harmless():
    found = only(Padded())
    assert found.future is Future.SHUFFLED
    assert found.sources == (Source(Timeframe.M5, "close"),)


def test_a_feature_that_peeks_is_named_as_well():
    assert only(Padded(), label="quiet").sources == (Source(Timeframe.M5, "close"),)


def test_the_first_row_that_changes_is_told_with_its_time():
    strategy = Aligned(timeframe=Timeframe.M5)
    market = drawn(strategy)
    first, *_ = cut_points(market, 12, warm_up=strategy.warm_up)
    found = only(strategy)
    assert found.row == first - 1
    assert found.close.timestamp() == market.own.close_times[first - 1]
    assert found.known_until == found.close


def test_who_counts_the_candles_to_come_depends_on_no_column_of_them():
    found = only(Counting())
    assert (found.future, found.sources) == (Future.MISSING, ())


def test_a_series_is_traced_too():
    assert only(Listening()).sources == (Source(None, "news_pressure"),)


def test_the_same_seed_finds_the_same():
    assert only(Aligned(column="volume")) == only(Aligned(column="volume"))


def test_longer_candles_are_cut_in_their_middle_and_before_their_end():
    market = drawn(Unfinished())
    ends = market.own.close_times[np.array(cut_points(market, 2)) - 1] % Timeframe.H1.seconds
    assert {Timeframe.H1.seconds // 2, Timeframe.H1.seconds - Timeframe.M5.seconds} <= set(ends.tolist())


@pytest.mark.parametrize("name", HONEST)
def test_no_strategy_of_ours_peeks(name: str):
    strategy = strategies().get(name)()
    market = market_for(strategy, history_for(strategy), half_spread_bps=0.4)
    assert find_peeks(strategy, market, seed=5, cuts=4) == ()
