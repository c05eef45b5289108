import pytest

from desk.backtest.validation.measures import Objective
from desk.backtest.validation.parameters import Range
from desk.backtest.validation.stability import StabilityMap, neighbours_of, stability_map
from desk.backtest.validation.trials import Outcome

SPACE = {"a.period": Range(5, 50, 5, whole=True), "a.score": Range(0.0, 1.0)}
POINT = {"a.period": 20, "a.score": 0.5}
AROUND = neighbours_of(POINT, SPACE)
GAIN = Objective("gain")


def mapped(best: float | None, *values: float | None) -> StabilityMap | None:
    outcomes = [Outcome({"gain": value, "trades.trades": 1.0}) for value in values]
    return stability_map(POINT, Outcome({"gain": best, "trades.trades": 1.0}), AROUND, outcomes, GAIN)


def test_neighbours_differ_in_one_parameter_by_a_step():
    assert [(name, point[name]) for name, point in AROUND] == [
        ("a.period", 15), ("a.period", 25), ("a.score", 0.4), ("a.score", 0.6),
    ]  # fmt: skip
    assert all(sum(point[name] != POINT[name] for name in POINT) == 1 for _, point in AROUND)


def test_a_plateau_keeps_what_the_best_has_and_a_needle_does_not():
    plateau, needle = mapped(1.0, 0.9, 0.9, 1.0, 1.0), mapped(1.0, 0.1, 0.0, -0.2, 0.1)
    assert plateau is not None
    assert needle is not None
    assert plateau.kept == pytest.approx(0.95)
    assert needle.kept == pytest.approx(0.0)


def test_the_parameter_whose_change_costs_most_is_named():
    found = mapped(1.0, 0.9, 0.5, 0.8, 0.8)
    assert found is not None
    assert found.most_sensitive == "a.period"
    none = mapped(1.0, 0.9, 0.5, 0.8, None)
    assert none is not None
    assert none.most_sensitive == "a.score"


def test_nothing_is_kept_of_what_was_not_there():
    lost = mapped(-1.0, -1.0, -1.0, -1.0, -1.0)
    assert lost is not None
    assert lost.kept is None
    assert mapped(None, 1.0, 1.0, 1.0, 1.0) is None
