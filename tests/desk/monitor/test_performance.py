"""What closed trades come to, and by what they are told apart."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.orders import FillReason
from desk.model.records import ClosedTrade
from desk.model.regimes import Regime
from desk.monitor.performance import Grouping, grouped, left_out, performance_of
from tests.builders import CLOSE, closed_trade


def trades(*profits: str) -> list[ClosedTrade]:
    return [closed_trade(profit) for profit in profits]


def test_the_figures_of_trades_are_those_of_the_field() -> None:
    done = performance_of(trades("20", "-10", "30", "-10", "-10", "0"))
    assert (done.trades, done.wins, done.profit, done.expectancy) == (6, 2, 20, Decimal(20) / 6)
    assert done.profit_factor == Decimal(50) / 30
    assert (done.drawdown, done.drawdown_multiple) == (20, 2)
    assert done.win_rate.value == pytest.approx(1 / 3)
    assert done.mean_multiple is not None
    assert done.mean_multiple.value == pytest.approx(1 / 3)


def test_a_trade_without_a_known_risk_counts_in_money_alone() -> None:
    done = performance_of([*trades("20", "-10"), closed_trade("-500", risk=None)])
    assert (done.trades, done.multiples, done.profit, done.drawdown, done.drawdown_multiple) == (3, 2, -490, 510, 1)
    assert performance_of([closed_trade("-5", risk=None)]).drawdown_multiple is None


def test_without_a_loss_there_is_no_profit_factor_and_one_trade_has_no_interval() -> None:
    done = performance_of(trades("20"))
    assert (done.profit_factor, done.mean_multiple) == (None, None)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        (Grouping.STRATEGY, ["", "constant"]),
        (Grouping.INSTRUMENT, ["EUR/USD", "XAU/USD"]),
        (Grouping.REGIME, ["", "crash"]),
        (Grouping.HOUR, ["13:00", "14:00"]),
        (Grouping.REASON, ["order", "stop"]),
    ],
)
def test_trades_are_told_apart_by_one_thing_at_a_time(by: Grouping, groups: list[str]) -> None:
    first = closed_trade(instrument="XAU/USD", reason=FillReason.STOP, regime=Regime.CRASH)
    other = replace(closed_trade(strategy=""), opened_at=first.opened_at - timedelta(hours=1))
    assert (first.closed_at, first.opened_at.hour) == (CLOSE, 14)
    assert list(grouped([first, other], by)) == groups


def test_what_ended_by_an_adjustment_is_shown_by_reason_alone() -> None:
    adjusted = closed_trade(reason=FillReason.ADJUSTMENT)
    assert grouped([adjusted], Grouping.STRATEGY) == {}
    assert grouped([adjusted], Grouping.REASON) == {"adjustment": [adjusted]}
    assert grouped([closed_trade(was_adjusted=True)], Grouping.STRATEGY) == {}
    assert left_out([adjusted, closed_trade(), closed_trade(was_adjusted=True)], Grouping.STRATEGY) == {"constant": 2}
    assert left_out([adjusted], Grouping.REASON) == {}
