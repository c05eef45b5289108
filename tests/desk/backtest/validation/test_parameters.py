import pytest
from pydantic import ValidationError

from desk.backtest.validation.parameters import (
    Range,
    grid_of,
    points_of,
    present_point,
    space_of,
    usual_space,
    with_parameters,
)
from desk.errors import ConfigError
from tests.desk.backtest.validation.subjects import subject

POLICY = subject().policy
FAST, SLOW = "momentum_trading.fast_period", "momentum_trading.slow_period"


def test_numbers_of_strategies_and_both_thresholds_can_be_varied():
    space = usual_space(POLICY)
    assert {FAST, SLOW, "policy.entry_score", "policy.exit_score"} <= set(space)


def test_the_usual_range_is_half_to_double_within_what_a_field_may_be():
    space = usual_space(POLICY)
    assert (space[FAST].low, space[FAST].high, space[FAST].whole) == (4, 16, True)
    assert (space["policy.entry_score"].low, space["policy.entry_score"].high) == (0.1, 0.4)
    wide = with_parameters(POLICY, {"policy.entry_score": 0.9})
    assert usual_space(wide)["policy.entry_score"].high == 1.0


def test_a_range_can_be_said_with_or_without_a_step():
    space = space_of(POLICY, [f"{FAST}=5:9:2", "policy.entry_score=0.1:0.3"])
    assert space[FAST] == Range(5, 9, 2, whole=True)
    assert space["policy.entry_score"] == Range(0.1, 0.3)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("momentum_trading.fast_perod", "did you mean 'momentum_trading.fast_period'"),
        (f"{FAST}=9:5", "LOW below HIGH"),
        (f"{FAST}=five:9", "LOW:HIGH"),
        (f"{FAST}=5:9:0", "STEP"),
        (f"{FAST}=-5:9", "expected values from"),
    ],
)
def test_what_cannot_be_varied_is_refused_with_what_can(word: str, said: str):
    with pytest.raises(ConfigError, match=said):
        space_of(POLICY, [word])


def test_parameters_reach_their_strategy_and_leave_the_others_alone():
    changed = with_parameters(POLICY, {FAST: 5, "policy.exit_score": 0.4})
    (weighted,) = changed.strategies
    assert (weighted.strategy.fast_period, weighted.strategy.slow_period) == (5, 21)  # type: ignore[attr-defined]
    assert (changed.entry_score, changed.exit_score) == (0.2, 0.4)


def test_values_that_do_not_go_together_are_refused_by_the_strategy():
    with pytest.raises(ValidationError, match="fast_period"):
        with_parameters(POLICY, {FAST: 30})


def test_the_first_point_is_the_present_one_and_all_go_together():
    space = space_of(POLICY, [f"{FAST}=5:60", f"{SLOW}=10:90"])
    points = points_of(POLICY, space, 12, seed=1)
    assert points[0] == present_point(POLICY, space)
    assert len({tuple(point.items()) for point in points}) == 12
    for point in points:
        assert point[FAST] < point[SLOW]


def test_the_same_seed_draws_the_same_points():
    space = usual_space(POLICY)
    assert points_of(POLICY, space, 8, seed=1) == points_of(POLICY, space, 8, seed=1)
    assert points_of(POLICY, space, 8, seed=1) != points_of(POLICY, space, 8, seed=2)


def test_points_are_spread_over_the_whole_range():
    space = space_of(POLICY, ["policy.entry_score=0.1:0.9"])
    found = sorted(float(point["policy.entry_score"]) for point in points_of(POLICY, space, 9, seed=3)[1:])
    assert found[0] < 0.3
    assert found[-1] > 0.7


def test_a_small_space_gives_fewer_points_than_were_asked_for():
    space = space_of(POLICY, [f"{FAST}=8:9"])
    assert [point[FAST] for point in points_of(POLICY, space, 10, seed=1)] == [8, 9]


def test_a_grid_has_every_combination_that_goes_together():
    space = space_of(POLICY, [f"{FAST}=10:30:10", f"{SLOW}=15:35:10"])
    assert [(point[FAST], point[SLOW]) for point in grid_of(POLICY, space)] == [
        (10, 15), (10, 25), (10, 35), (20, 25), (20, 35), (30, 35),
    ]  # fmt: skip


def test_a_grid_of_any_numbers_has_no_end_and_is_refused():
    with pytest.raises(ConfigError, match="with steps"):
        grid_of(POLICY, space_of(POLICY, ["policy.entry_score=0.1:0.3"]))


def test_neighbours_lie_a_step_away_and_within_the_range():
    assert Range(5, 60, whole=True).neighbours(8) == (5, 14)
    assert Range(5, 60, 2, whole=True).neighbours(8) == (6, 10)
    assert Range(0.0, 1.0).neighbours(0.95) == (0.85, 1.0)
    assert Range(5, 9, whole=True).neighbours(9) == (8,)
