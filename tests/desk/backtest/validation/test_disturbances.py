from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from desk.backtest.validation.disturbances import (
    Disturbance,
    DrawnSlippage,
    dearer,
    with_late_opinions,
    with_noise,
    with_wider_spread,
)
from desk.backtest.validation.trials import run_trial, trade, whole
from desk.matching.slippage import Slippage
from desk.model.candles import Candles
from desk.model.instrument import Side
from tests.builders import EUR_USD
from tests.desk.backtest.validation.subjects import subject


def candles(half_spread_bps: float | None = 0.4) -> Candles:
    return subject(half_spread_bps=half_spread_bps).history.base["EUR/USD"]


def test_nothing_worse_is_what_it_was():
    assert Disturbance(seed=9).applied_to(subject()) == subject()


def test_noise_keeps_candles_possible_and_moves_them_by_its_size():
    plain = candles()
    noisy = with_noise(plain, 0.2, seed=1)  # validated: high and low enclose, bid is not above ask
    moved = noisy.close - plain.close
    unit = np.mean(plain.high - plain.low)
    assert 0.1 * unit < np.std(moved) < 0.5 * unit
    assert np.array_equal(noisy.time, plain.time)
    assert np.array_equal(noisy.volume, plain.volume)


def test_noise_moves_both_sides_alike():
    plain, noisy = candles(), with_noise(candles(), 0.2, seed=1)
    assert plain.bid is not None
    assert plain.ask is not None
    assert noisy.bid is not None
    assert noisy.ask is not None
    np.testing.assert_allclose(noisy.ask.close - noisy.bid.close, plain.ask.close - plain.bid.close, atol=1e-12)


def test_noise_is_that_of_its_seed():
    assert np.array_equal(with_noise(candles(), 0.2, seed=1).high, with_noise(candles(), 0.2, seed=1).high)
    assert not np.array_equal(with_noise(candles(), 0.2, seed=1).high, with_noise(candles(), 0.2, seed=2).high)


def test_a_wider_spread_lies_around_the_same_middle():
    plain, wide = candles(), with_wider_spread(candles(), 3)
    assert plain.bid is not None
    assert plain.ask is not None
    assert wide.bid is not None
    assert wide.ask is not None
    np.testing.assert_allclose(wide.ask.close - wide.bid.close, 3 * (plain.ask.close - plain.bid.close), rtol=1e-9)
    assert np.array_equal(wide.close, plain.close)


def test_candles_of_trades_have_no_spread_to_widen():
    assert with_wider_spread(candles(None), 3) is candles(None)


def test_dearer_terms_cost_as_many_times_as_much_and_allow_the_same():
    terms = subject().opening.terms
    dear = dearer(terms, Decimal(2))
    assert dear.fees.taker_bps == 2 * terms.fees.taker_bps
    assert dear.slippage.fixed_bps == 2 * terms.slippage.fixed_bps
    assert dear.half_spread_bps == 2 * terms.half_spread_bps
    assert dear.max_leverage == terms.max_leverage


def test_drawn_slippage_never_helps_and_has_its_mean():
    drawn = DrawnSlippage.beside(Slippage(Decimal(1)), 5.0, seed=3)
    plain = Slippage(Decimal(1))
    paid = []
    for step in range(2000):
        price = Decimal("1.10000") + step * EUR_USD.tick
        worse = drawn.worsen(price, Side.BUY, Decimal(1000), None, EUR_USD)
        assert worse >= plain.worsen(price, Side.BUY, Decimal(1000), None, EUR_USD)
        paid.append(float((worse / price - 1) * 10_000) - 1)
    assert np.mean(paid) == pytest.approx(5, rel=0.1)


def test_drawn_slippage_is_the_same_for_the_same_order():
    drawn = DrawnSlippage.beside(Slippage(), 5.0, seed=3)
    order = (Decimal("1.1"), Side.SELL, Decimal(1000), None, EUR_USD)
    assert drawn.worsen(*order) == drawn.worsen(*order)
    assert drawn.worsen(*order) != replace(drawn, seed=4).worsen(*order)


def test_late_opinions_are_those_of_the_candle_before():
    market = subject().history.market("EUR/USD", subject().policy.timeframes)
    (own,) = subject().policy.strategies
    (late,) = with_late_opinions(subject().policy, 1.0, seed=1).strategies
    before, after = own.strategy.evaluate(market), late.strategy.evaluate(market)
    warm_up = own.strategy.warm_up
    assert np.array_equal(after.score[warm_up + 1 :], before.score[warm_up:-1])
    assert np.array_equal(after.stop[warm_up + 1 :], before.stop[warm_up:-1])
    assert np.isfinite(after.score[warm_up:]).all()
    assert late.strategy.name == own.strategy.name


def test_half_of_the_opinions_are_late_whatever_was_before_them():
    market = subject().history.market("EUR/USD", subject().policy.timeframes)
    (own,) = subject().policy.strategies
    (late,) = with_late_opinions(subject().policy, 0.5, seed=1).strategies
    before, after = own.strategy.evaluate(market), late.strategy.evaluate(market)
    warm_up = own.strategy.warm_up
    kept = after.stop[warm_up:] == before.stop[warm_up:]
    assert 0.4 < kept.mean() < 0.6
    recent = replace(market, by_timeframe={key: one.tail(700) for key, one in market.by_timeframe.items()})
    np.testing.assert_allclose(late.strategy.evaluate(recent).score[-100:], after.score[-100:], atol=1e-9)


def test_entries_follow_the_opinion_of_the_candle_before():
    tried = subject()
    market = tried.history.market("EUR/USD", tried.policy.timeframes)
    plain = dict(
        zip(market.own.close_times.tolist(), tried.policy.strategies[0].strategy.evaluate(market).score, strict=True)
    )
    late = trade(tried, replace(whole(tried), disturbance=Disturbance(late=1.0)))
    heard = [plain[int(one.opened_at.timestamp()) - 300] * one.side.sign for one in late.trades[1:]]
    own = [plain[int(one.opened_at.timestamp())] * one.side.sign for one in late.trades[1:]]
    assert min(heard) >= tried.policy.entry_score > min(own)


@pytest.mark.parametrize("worse", [{"candles": 0.3}, {"slippage_bps": 3.0}, {"late": 0.5}])
def test_the_same_seed_disturbs_in_the_same_way_and_another_does_not(worse: dict[str, float]):
    tried, everything = subject(), whole(subject())
    first, again, other = (
        run_trial(tried, replace(everything, disturbance=Disturbance(seed=seed, **worse))) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
