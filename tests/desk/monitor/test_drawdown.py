"""How far a curve fell from its highest point."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.monitor.drawdown import Drawdown, largest_drawdown, steepest_drawdown

AMOUNTS = st.decimals(-1000, 1000, places=2)


def curve(*profits: int) -> list[Decimal]:
    return [Decimal(profit) for profit in profits]


def test_the_largest_fall_is_not_always_the_steepest() -> None:
    profits = curve(0, -500, 500, 10_000, -1000)
    assert largest_drawdown(profits, Decimal(1000)) == Drawdown(Decimal(1000), Decimal(11_000), 5)
    assert steepest_drawdown(profits, Decimal(1000)) == Drawdown(Decimal(500), Decimal(1000), 2)


def test_a_curve_that_only_rises_has_none_and_a_fall_from_nothing_has_no_fraction() -> None:
    assert largest_drawdown(curve(1, 2)).amount == 0
    assert largest_drawdown(curve(-5)) == Drawdown(Decimal(5), Decimal(0), 1)
    assert largest_drawdown(curve(-5)).fraction is None


@settings(max_examples=40)
@given(st.lists(AMOUNTS, max_size=12))
def test_it_is_the_largest_loss_of_any_stretch_of_trades(profits: list[Decimal]) -> None:
    stretches = (-sum(profits[i:j], Decimal(0)) for i in range(len(profits) + 1) for j in range(i, len(profits) + 1))
    assert largest_drawdown(profits).amount == max(stretches)
