"""Other pasts: the same for the same seed, fair, and with what belongs together kept together."""

import numpy as np
import pytest

from desk.backtest.resampling import bootstrap_returns, interval_of, shuffle_trades

VALUES = np.arange(1.0, 11.0)


def test_the_same_seed_draws_the_same_pasts_and_another_others() -> None:
    def drawn(seed: int) -> list[list[float]]:
        shuffled = [one.tolist() for one in shuffle_trades(VALUES, draws=3, seed=seed)]
        return shuffled + [one.tolist() for one in bootstrap_returns(VALUES, draws=3, seed=seed, block=4)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_a_shuffle_keeps_every_trade_and_leaves_the_original_alone() -> None:
    kept = VALUES.copy()
    drawn = list(shuffle_trades(VALUES, draws=20, seed=1))
    assert all(sorted(one.tolist()) == VALUES.tolist() for one in drawn)
    assert len({tuple(one.tolist()) for one in drawn}) == 20
    assert (kept == VALUES).all()


def test_every_trade_is_as_likely_to_be_the_first() -> None:
    firsts = [int(one[0]) for one in shuffle_trades(VALUES, draws=5_000, seed=3)]
    assert np.bincount(firsts)[1:] == pytest.approx([500] * 10, abs=80)  # 3.8 deviations of 21


def test_a_block_is_in_the_order_in_which_it_was_and_goes_on_at_the_beginning() -> None:
    for drawn in bootstrap_returns(VALUES, draws=50, seed=2, block=5):
        assert len(drawn) == 10
        for run in (drawn[:5], drawn[5:]):
            assert set((np.diff(run) % 10).tolist()) == {1.0}


def test_every_return_is_as_likely_also_at_the_ends() -> None:
    drawn = np.concatenate(list(bootstrap_returns(VALUES, draws=2_000, seed=4, block=3)))
    assert np.bincount(drawn.astype(int))[1:] == pytest.approx([2_000] * 10, abs=260)


def test_the_spread_of_a_mean_that_is_drawn_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(0, 1, 400)
    means = np.array([one.mean() for one in bootstrap_returns(values, draws=2_000, seed=6)])
    assert means.std() == pytest.approx(values.std() / 20, rel=0.06)
    found = interval_of(float(values.mean()), means)
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)


def test_nothing_is_drawn_from_nothing() -> None:
    nothing = np.empty(0)
    assert [len(one) for one in bootstrap_returns(nothing, draws=2, seed=1, block=3)] == [0, 0]
    assert [len(one) for one in shuffle_trades(nothing, draws=2, seed=1)] == [0, 0]
    assert interval_of(1.0, nothing) is interval_of(1.0, np.array([np.nan])) is None


def test_draws_without_a_figure_are_left_out_of_an_interval() -> None:
    found = interval_of(5.0, np.array([np.nan, *range(101)]))
    assert found is not None
    assert (found.value, found.low, found.high) == (5.0, pytest.approx(2.5), pytest.approx(97.5))
