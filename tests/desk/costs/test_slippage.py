"""How much worse than the quote a fill is expected to be grows with the root of its share of the turnover."""

from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.costs.slippage import slippage_fraction
from desk.costs.terms import CostTerms
from desk.model.surroundings import Surroundings

TERMS = CostTerms(slippage_bps=Decimal("0.5"), impact=Decimal(2), unknown_slippage_bps=Decimal(5))
YEARLY = sqrt(365) * 0.02
KNOWN = Surroundings(turnover={"BTC/USD": Decimal(1_000_000)}, volatility={"BTC/USD": YEARLY})


def of(notional: str, around: Surroundings = KNOWN) -> Decimal:
    return slippage_fraction(TERMS, around, "BTC/USD", Decimal(notional))


def test_a_hundredth_of_the_turnover_costs_a_tenth_of_twice_the_volatility_of_a_day() -> None:
    assert of("10000") == pytest.approx(Decimal("0.004"), rel=Decimal("1e-10"))


def test_four_times_the_size_costs_twice_as_much_of_the_price() -> None:
    assert of("40000") == pytest.approx(2 * of("10000"), rel=Decimal("1e-10"))


def test_a_tiny_order_still_slips_by_the_floor() -> None:
    assert of("0.01") == Decimal("0.00005")


@pytest.mark.parametrize(
    "around",
    [
        Surroundings(volatility=KNOWN.volatility),
        Surroundings(turnover=KNOWN.turnover),
        Surroundings(turnover={"BTC/USD": Decimal(0)}, volatility=KNOWN.volatility),
        Surroundings(turnover={"BTC/USD": Decimal("NaN")}, volatility=KNOWN.volatility),
        Surroundings(turnover=KNOWN.turnover, volatility={"BTC/USD": float("nan")}),
    ],
)
def test_without_turnover_or_volatility_what_is_assumed_is_added_to_the_floor(around: Surroundings) -> None:
    assert of("10000", around) == Decimal("0.00055")


@given(st.decimals("0", "100000000", places=2), st.decimals("0", "100000000", places=2))
def test_more_never_slips_less(one: Decimal, other: Decimal) -> None:
    small, large = sorted((one, other))
    assert of(str(small)) <= of(str(large))
