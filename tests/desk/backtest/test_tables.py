"""Monthly returns, and trades told apart."""

from datetime import UTC, datetime

import pytest

from desk.backtest.tables import RoundGrouping, daily_table, grouped_figures, monthly_table, weekday_name
from desk.model.instrument import Side
from tests.desk.backtest.rounds import closed, curve, in_a_row


def test_months_stand_in_their_years_and_multiply_to_the_whole() -> None:
    account = curve([100 + day for day in range(60)], start=datetime(2023, 11, 30, tzinfo=UTC))
    first, second = monthly_table(account)
    assert (first.year, second.year) == (2023, 2024)
    assert first.months[:10] == (None,) * 10
    assert first.months[10] == pytest.approx(0.01)
    assert first.months[11] == pytest.approx(132 / 101 - 1)
    assert second.months[1:] == (None,) * 11
    assert first.whole is not None
    assert second.whole is not None
    assert (1 + first.whole) * (1 + second.whole) == pytest.approx(159 / 100)


def test_after_ruin_months_are_not_known() -> None:
    account = curve([100, 0, 50], step=40 * 86_400)
    assert [year.months[:4] for year in monthly_table(account)] == [(None, -1.0, None, None)]
    assert monthly_table(curve([])) == ()


def test_a_day_stands_under_its_own_number() -> None:
    number = (datetime(2024, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert daily_table(curve([100, 110, 121])) == {number: pytest.approx(0.1), number + 1: pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (RoundGrouping.INSTRUMENT, ["BTC/USD", "EUR/USD"]),
        (RoundGrouping.STRATEGY, ["range", "trend"]),
        (RoundGrouping.SIDE, ["long", "short"]),
        (RoundGrouping.EXIT_REASON, ["stop", "target"]),
        (RoundGrouping.HOUR, ["00:00", "07:00"]),
        (RoundGrouping.WEEKDAY, ["1", "5"]),
        (RoundGrouping.MONTH, ["2024-01", "2024-02"]),
    ],
)
def test_trades_are_told_apart_by_each_of_their_traits(by: RoundGrouping, names: list[str]) -> None:
    other = {"instrument": "EUR/USD", "side": Side.SELL, "strategy": "range", "exit_reason": "stop"}
    trades = [closed(5, exit_reason="target"), closed(-2, after=24 * 32 + 7, **other), closed(3, exit_reason="target")]
    groups = grouped_figures(trades, by)
    assert list(groups) == names
    assert sorted(figures.profit for figures in groups.values()) == [-2, 8]


def test_a_trade_that_was_entered_with_a_sale_is_a_short_one() -> None:
    groups = grouped_figures([closed(5), closed(-2, side=Side.SELL)], RoundGrouping.SIDE)
    assert {name: figures.profit for name, figures in groups.items()} == {"long": 5, "short": -2}


def test_groups_keep_the_order_of_closing() -> None:
    trades = list(reversed(in_a_row(-1, -1, 1, -1)))
    assert grouped_figures(trades, RoundGrouping.STRATEGY)["trend"].longest_losses == 2
    assert grouped_figures([], RoundGrouping.HOUR) == {}


def test_days_of_the_week_have_names() -> None:
    assert (weekday_name("1"), weekday_name("7")) == ("Monday", "Sunday")
