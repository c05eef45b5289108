"""The whole engine looks back only: what it decides at a candle is the same when nothing after it is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.contracts.markets import sample_market
from desk.decide import WeightedStrategy, decide
from desk.decide.sides import LongMarket, SideRules
from desk.decide.weights import RecordBounds, VoteRules
from desk.model.market import Market, Series
from desk.model.records import TrackRecord
from desk.model.regimes import Regime
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.regimes.limits import RegimeLimits
from desk.registry import strategies
from tests.builders import Constant, FixedQuantity, policy, quote, snapshot

COUNT, KEPT = 1_150, 1_030
NAMES = (
    "momentum_trading",
    "mean_reversion",
    "breakout",
    "adaptive_gold",
    "hft",
    "champion_75wr",
    "hedge_mode",
    "risk_off",
)
POLICY = policy(
    strategies=tuple(WeightedStrategy(strategies().build(name, {}), 1.0 + row) for row, name in enumerate(NAMES)),
    entry_score=0.05,
    exit_score=0.05,
    regimes=RegimeLimits(),
    votes=VoteRules({Regime.TREND: {"mean_reversion": 0.0}, Regime.RANGE: {"momentum_trading": 0.25}}, RecordBounds()),
    sides=SideRules(LongMarket.CHEAPEST),
    sizing=FixedQuantity(),
)
RECORDS = {"momentum_trading": TrackRecord(40, 25, 1.2, -0.9, 1.1)}


@given(
    seed=st.integers(0, 10_000),
    row=st.integers(KEPT, COUNT - 1),
    wildness=st.sampled_from([1.0, 6.0]),
    delay=st.sampled_from([0, 5, 250]),
)
@settings(max_examples=40, deadline=None)
def test_a_decision_is_the_same_when_what_came_after_is_not_known(seed, row, wildness, delay):
    made = sample_market(COUNT, seed=seed, wildness=wildness, longer=[Timeframe.M15, Timeframe.H1])
    whole = replace(funded(made, seed), delay=delay)
    close = datetime.fromtimestamp(int(whole.own.close_times[row]), tz=UTC)
    assert is_blind(whole, close)


def test_every_candle_of_a_day_is_decided_as_if_it_were_the_last_and_something_is_traded():
    whole = funded(sample_market(COUNT, seed=3, wildness=6.0, longer=[Timeframe.M15, Timeframe.H1]), 3)
    decisions = []
    for row in range(KEPT, COUNT):
        close = datetime.fromtimestamp(int(whole.own.close_times[row]), tz=UTC)
        decisions.append(decided(told_until(whole, close), close))
        assert is_blind(whole, close)
    assert sum(len(decision.intents) for decision in decisions) > 3
    assert len({decision.conditions["EUR/USD"].regime for decision in decisions}) > 1


def test_each_strategy_is_given_every_timeframe_that_it_reads_and_each_series():
    seen = []

    class Curious(Constant):
        """Looks at what it is given."""

        timeframes = (Timeframe.H1,)
        series = ("news_pressure",)

        def evaluate(self, market: Market) -> Scores:
            seen.append((market.timeframe, len(market.candles(Timeframe.H1)), market.latest("news_pressure")[-1]))
            return super().evaluate(market)

    Curious.name = "curious"
    whole = sample_market(COUNT, longer=[Timeframe.H1])
    decide(policy(Curious()), snapshot(), {"EUR/USD": whole}, whole.own.closed_at)
    assert seen == [(Timeframe.M5, COUNT // 12, pytest.approx(whole.latest("news_pressure")[-1]))]


def is_blind(market, close):
    """Whether nothing that became known after `close` matters; the difference of two decisions is too long to print."""
    return decided(told_until(market, close), close) == decided(hidden_after(market, close), close)


def told_until(market, close):
    """The market as it was decided on at `close` and the delay: nothing that became known later is in it."""
    candles = {timeframe: each.until(close) for timeframe, each in market.by_timeframe.items()}
    known = {name: until(each, close, market.delay) for name, each in market.series.items()}
    return Market(market.timeframe, candles, known, market.delay)


def hidden_after(market, close):
    """The same with later side data and later candles of longer timeframes still there, which must not be looked at."""
    candles = {**market.by_timeframe, market.timeframe: market.own.until(close)}
    later = int(close.timestamp()) + market.delay + 1
    late = {
        name: Series(np.append(known.known_at, later), np.append(known.values, 9e9))
        for name, known in told_until(market, close).series.items()
    }
    return Market(market.timeframe, candles, late, market.delay)


def until(series, close, delay):
    rows = series.known_at <= int(close.timestamp()) + delay
    return Series(series.known_at[rows], series.values[rows])


def funded(market, seed):
    """With a funding rate each eight hours."""
    known_at = market.own.close_times[::96]
    rates = np.random.default_rng(seed).normal(0, 1e-4, len(known_at))
    return replace(market, series={**market.series, "funding_rate": Series(known_at, rates)})


def decided(market, close):
    books = snapshot(at=close, records=RECORDS, quotes={"EUR/USD": quote("EUR/USD", at=close - timedelta(seconds=1))})
    return decide(POLICY, books, {"EUR/USD": market}, close)
