"""What closed candles say of instruments: never more than they hold, and nothing where they hold too little."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.decide.market_facts import (
    FEWEST_RETURNS,
    SHRINKAGE,
    EachFact,
    correlation,
    correlations,
    turnover,
    usual_spread,
    volatility,
    with_market_facts,
)
from desk.model.candles import Candles, PriceBars
from desk.model.market import Market
from desk.model.timeframe import Timeframe
from tests.builders import CLOSE, candles, market, snapshot

COUNT = 201
FACTOR = (COUNT - 1) / (COUNT - 1 + SHRINKAGE)


def walk(seed: int, *, count: int = COUNT, scale: float = 0.001) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale, count)


def of(steps: np.ndarray, instrument: str = "EUR/USD", **more) -> Candles:
    return candles(100 * np.exp(np.cumsum(steps)), instrument=instrument, **more)


def without(some: Candles, rows: list[int]) -> Candles:
    kept = np.delete(np.arange(len(some)), rows)
    columns = {name: getattr(some, name)[kept] for name in ("time", "open", "high", "low", "close", "volume")}
    return Candles(some.instrument, some.timeframe, **columns)


def test_what_moves_alike_or_against_each_other_is_correlated_but_for_the_shrinkage():
    steps = walk(1)
    found = correlations({"A/USD": of(steps), "B/USD": of(2 * steps), "C/USD": of(-steps)})
    assert found == {
        "A/USD B/USD": pytest.approx(FACTOR),
        "A/USD C/USD": pytest.approx(-FACTOR),
        "B/USD C/USD": pytest.approx(-FACTOR),
    }


def test_the_figure_is_that_of_numpy_shrunk_by_the_number_of_returns():
    one, other = walk(1), 0.5 * walk(1) + walk(2)
    [found] = correlations({"A/USD": of(one), "B/USD": of(other)}).values()
    assert found == pytest.approx(np.corrcoef(one[1:], other[1:])[0, 1] * FACTOR)


def test_only_returns_over_the_same_times_are_compared():
    steps, gone = walk(1), [50, 51, 120]
    one, other = of(steps), without(of(steps), gone)
    [found] = correlations({"A/USD": one, "B/USD": other}).values()
    common = COUNT - 1 - 2 - 3
    assert found == pytest.approx(common / (common + SHRINKAGE))


def test_candles_that_lie_apart_in_time_or_are_too_few_have_no_correlation():
    steps = walk(1)
    elsewhere = of(steps, closed_at=CLOSE - timedelta(days=9))
    few = of(walk(2, count=FEWEST_RETURNS))
    assert correlations({"A/USD": of(steps), "B/USD": elsewhere, "C/USD": few}) == {}
    enough = of(walk(2, count=FEWEST_RETURNS + 1))
    assert set(correlations({"A/USD": of(steps), "C/USD": enough})) == {"A/USD C/USD"}


def test_a_price_that_stands_still_has_no_correlation():
    assert correlations({"A/USD": of(walk(1)), "B/USD": candles([1.1] * COUNT)}) == {}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(1, COUNT - 2), max_size=60, unique=True))
def test_every_correlation_lies_between_minus_one_and_one_and_is_the_same_in_every_order(seed, gone):
    one, other = of(walk(seed)), without(of(walk(seed + 1) + walk(seed)), gone)
    there = correlations({"A/USD": one, "B/USD": other})
    assert all(abs(value) < 1 for value in there.values())
    assert correlations({"B/USD": one, "A/USD": other}) == pytest.approx(there)


def test_how_two_instruments_move_together_does_not_depend_on_a_third_one_with_other_times():
    one, other = of(walk(1)), of(walk(2) + walk(1))
    third = without(of(walk(3)), [*range(1, COUNT - 1, 2)])
    found = correlations({"A/USD": one, "B/USD": other, "C/USD": third})
    assert found["A/USD B/USD"] == correlation(one, other) == pytest.approx(0.7 * FACTOR, abs=0.1)


def test_a_fact_is_found_when_it_is_asked_for_and_once():
    asked = []

    def find(name: str) -> int | None:
        asked.append(name)
        return {"one": 1, "two": 2}.get(name)

    facts = EachFact(lambda: ("one", "two", "three"), find)
    assert facts.get("one") == facts["one"] == 1
    assert asked == ["one"]
    assert facts.get("three", 3) == 3
    assert "three" not in facts
    with pytest.raises(KeyError):
        facts["three"]
    assert dict(facts) == {"one": 1, "two": 2}
    assert len(facts) == 2
    assert sorted(asked) == ["one", "three", "two"]


def test_the_turnover_is_that_of_the_last_day_at_the_closes():
    hourly = candles([10.0] * 20 + [20.0] * 20, timeframe=Timeframe.H1)
    assert turnover(hourly) == 4 * 100 * 10 + 20 * 100 * 20


@pytest.mark.parametrize(("count", "known"), [(23, False), (24, True)])
def test_without_candles_of_a_whole_day_the_turnover_is_not_known(count, known):
    assert (turnover(candles([1.0] * count, timeframe=Timeframe.H1)) is not None) is known


def test_a_longer_timeframe_tells_the_turnover_where_the_own_candles_are_too_few():
    own, hourly = (candles([2.0] * 30, instrument="BTC/USD", timeframe=one) for one in (Timeframe.M5, Timeframe.H1))
    both = Market(Timeframe.M5, {Timeframe.M5: own, Timeframe.H1: hourly})
    around = with_market_facts(snapshot(), {"BTC/USD": both}).surroundings
    assert around.turnover == {"BTC/USD": Decimal(24 * 100 * 2)}


def test_ticks_are_no_turnover():
    hourly = {name: candles([2.0] * 30, instrument=name, timeframe=Timeframe.H1) for name in ("EUR/USD", "XAU/USD")}
    markets = {name: Market(Timeframe.H1, {Timeframe.H1: one}) for name, one in hourly.items()}
    assert with_market_facts(snapshot(), markets).surroundings.turnover == {}


def quoted(spreads: np.ndarray) -> Candles:
    """Candles of 5 minutes around 100 with these differences of ask and bid."""
    mid = candles([100.0] * len(spreads))
    sides = ([mid.close + sign * spreads / 2] * 4 for sign in (-1, 1))
    bid, ask = (PriceBars(*bars) for bars in sides)
    return replace(mid, bid=bid, ask=ask)


def test_the_usual_spread_is_the_mean_of_the_same_hour_of_all_days():
    closes = candles([1.0] * 577).close_times
    same = closes % 86_400 // 3_600 == 15
    spreads = np.where(same, 0.2, 5.0)
    spreads[np.flatnonzero(same)[0]] = 0.4
    assert usual_spread(quoted(spreads)) == pytest.approx((0.4 + 0.2 * (same.sum() - 1)) / same.sum() / 100)


def test_what_is_usual_is_not_known_without_bid_and_ask_or_with_few_candles_of_the_hour():
    assert usual_spread(candles([1.0] * 400)) is None
    assert usual_spread(quoted(np.full(200, 0.1))) is None


@pytest.mark.parametrize(("instrument", "days"), [("EUR/USD", 260), ("BTC/USD", 365)])
def test_the_volatility_of_a_year_is_that_of_the_steps_times_the_root_of_their_number(instrument, days):
    own = of(walk(3, count=2001), instrument)
    found = with_market_facts(snapshot(), {instrument: Market(Timeframe.M5, {Timeframe.M5: own})}).surroundings
    assert found.volatility[instrument] == pytest.approx(0.001 * (days * 288) ** 0.5, rel=0.05)


def test_hours_without_a_trade_are_time_in_a_market_that_never_closes_and_none_in_one_that_does():
    whole = of(walk(3))
    some = replace(whole, time=np.concatenate((whole.time[:-100] - 86_400, whole.time[-100:])))
    assert volatility(some, days_of_year=260) == volatility(whole, days_of_year=260)
    assert volatility(some, days_of_year=365) < 0.7 * volatility(whole, days_of_year=365)


def test_a_still_or_short_market_has_no_volatility():
    assert volatility(candles([1.0] * 100), days_of_year=365) is None
    assert volatility(of(walk(1, count=FEWEST_RETURNS)), days_of_year=365) is None


def test_the_snapshot_gains_the_facts_of_the_markets_and_keeps_the_rest():
    before = snapshot(surroundings=replace(snapshot().surroundings, rate=Decimal(2)))
    after = with_market_facts(before, {name: market(name) for name in ("EUR/USD", "BTC/USD")})
    assert after.surroundings.rate == 2
    assert after.surroundings.last_closes["EUR/USD"] == Decimal(repr(float(market().own.close[-1])))
    assert after.surroundings.correlation("BTC/USD", "EUR/USD") == pytest.approx(49 / (49 + SHRINKAGE))
    assert replace(after, surroundings=before.surroundings) == before


def test_an_instrument_without_candles_stays_unknown():
    none = candles([1.0])[:0]
    empty = {"EUR/USD": Market(Timeframe.M5, {Timeframe.M5: none})}
    assert with_market_facts(snapshot(), empty) == snapshot()
