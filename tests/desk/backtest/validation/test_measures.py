import pytest

from desk.backtest.validation.measures import Objective, figure_names, objective_of
from desk.backtest.validation.trials import run_trial, whole
from desk.errors import DataError
from tests.desk.backtest.validation.subjects import subject


@pytest.mark.parametrize(
    ("word", "figure", "lowest"),
    [
        ("sharpe", "returns.sharpe", False),
        ("returns.sortino", "returns.sortino", False),
        ("profit_factor", "trades.profit_factor", False),
        ("drawdown.steepest.fraction", "drawdown.steepest.fraction", True),
        ("costs", "trades.costs", True),
        ("calmar", "growth.calmar", False),
    ],
)
def test_any_figure_can_be_what_is_looked_for(word: str, figure: str, lowest: bool):
    assert objective_of(word) == Objective(figure, lowest)


@pytest.mark.parametrize("word", ["sharp", "fraction"])
def test_a_figure_that_there_is_not_or_twice_is_refused(word: str):
    with pytest.raises(DataError, match="expected a figure"):
        objective_of(word)


def test_more_of_an_objective_is_better_and_too_few_trades_do_not_count():
    assert Objective("a").value({"a": 2.0, "trades.trades": 3.0}) == 2
    assert Objective("a", lowest=True).value({"a": 2.0, "trades.trades": 3.0}) == -2
    assert Objective("a", least_trades=4).value({"a": 2.0, "trades.trades": 3.0}) is None
    assert Objective("a").value({"a": None}) is None


def test_the_names_are_those_that_a_backtest_has_figures_of():
    found = run_trial(subject(), whole(subject())).figures
    assert set(found) - {"drawdown.largest.recovered_at", "drawdown.steepest.recovered_at"} <= set(figure_names())
    assert set(figure_names()) <= set(found)


def test_what_may_be_meant_is_told():
    with pytest.raises(DataError, match=r"it may be .*steepest\.fraction"):
        objective_of("fraction")
