from collections.abc import Sequence

import pytest

from desk.adapters.research.searching import Searched, search
from desk.backtest.validation.measures import Objective
from desk.backtest.validation.parameters import Point, Range
from desk.backtest.validation.trials import Outcome

pytest.importorskip("optuna")

SPACE = {"a.period": Range(2, 60, whole=True), "a.score": Range(0.0, 1.0), "a.step": Range(0.0, 1.0, 0.3)}
FIRST: Point = {"a.period": 50, "a.score": 0.9, "a.step": 0.3}
GAIN = Objective("gain", least_trades=1)


def hill(points: Sequence[Point]) -> list[Outcome]:
    """Highest at period 20 and score 0.4; who never trades is out of it."""
    return [
        Outcome({
            "gain": -abs(point["a.period"] - 20) / 10 - abs(point["a.score"] - 0.4),
            "trades.trades": 0.0 if point["a.score"] > 0.95 else 5.0,
        })
        for point in points
    ]  # fmt: skip


def searched(trials: int = 40, *, seed: int = 1, patience: int | None = None) -> Searched:
    return search(SPACE, FIRST, GAIN, hill, trials=trials, seed=seed, patience=patience)


def gain(found: Searched) -> float:
    assert found.best is not None
    return found.outcomes[found.best].figures["gain"] or 0.0


def test_it_begins_where_it_is_told_and_finds_what_is_better():
    found = searched()
    assert found.points[0] == FIRST
    assert len(found.points) == 40
    assert gain(found) > -0.4 > -3.5 == round(hill([FIRST])[0].figures["gain"] or 0, 1)


def test_points_stay_in_their_ranges_and_on_their_steps():
    for point in searched().points:
        assert isinstance(point["a.period"], int)
        assert 2 <= point["a.period"] <= 60
        assert 0 <= point["a.score"] <= 1
        assert round(point["a.step"], 6) in (0, 0.3, 0.6, 0.9)


def test_the_same_seed_asks_for_the_same_points():
    assert searched(20) == searched(20)
    assert searched(20).points[1:] != searched(20, seed=2).points[1:]


def test_no_point_is_asked_for_twice_while_nothing_is_known():
    assert len({tuple(point.items()) for point in searched(10).points}) == 10


def test_a_search_that_is_begun_again_asks_for_what_it_asked_for_before():
    assert searched(30).points[:20] == searched(20).points


def test_it_stops_when_nothing_better_comes_for_a_while():
    found = searched(200, patience=12)
    assert found.stopped_early
    assert found.best is not None
    assert len(found.points) - 1 - found.best >= 12


def test_what_does_not_count_is_never_the_best():
    found = search(SPACE, FIRST, Objective("gain", least_trades=6), hill, trials=8, seed=1)
    assert found.best is None


def test_a_beginning_outside_of_the_space_is_left_out():
    found = search(SPACE, {**FIRST, "a.period": 90}, GAIN, hill, trials=4, seed=1)
    assert all(point["a.period"] <= 60 for point in found.points)
