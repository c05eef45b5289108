from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.figures import SameDigits, told_apart


def places(value, more):
    return f"{value:.{2 + more}f}"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (0.2, 0.5, ("0.20", "0.50")),
        (0.5, 0.5, ("0.50", "0.50")),
        (0.4998, 0.5, ("0.4998", "0.5000")),
        (Decimal("99.999"), Decimal(100), ("99.999", "100.000")),
        (0.49999999999999994, 0.5, ("0.4999999999999999", "0.5000000000000000")),
    ],
)
def test_figures_have_no_more_digits_than_it_takes_to_tell_them_apart(one, other, told):
    assert told_apart(one, other, places) == told


@given(one=st.floats(0.01, 1), steps=st.integers(1, 10))
def test_two_scores_never_look_alike_and_the_smaller_one_looks_smaller(one, steps):
    other = one * (1 + steps * 2**-50)
    smaller, larger = told_apart(one, other, places)
    assert Decimal(smaller) < Decimal(larger)


def test_prices_of_one_instrument_have_the_digits_of_its_price_step():
    average = Decimal("1.0998512345")
    prices = SameDigits([("EUR/USD", Decimal("1.1")), ("EUR/USD", average)], {"EUR/USD": Decimal("0.00001")})
    assert [prices.tell("EUR/USD", price) for price in (Decimal("1.1"), average, None)] == ["1.10000", "1.09985", ""]
    halves = SameDigits([("X/USD", Decimal(2000))], {"X/USD": Decimal("0.50")})
    assert halves.tell("X/USD", Decimal(2000)) == "2,000.0"


def test_without_a_price_step_they_have_the_digits_of_the_longest_beside_them():
    figures = [("EUR/USD", Decimal("1.1")), ("EUR/USD", Decimal("1.098500")), ("USD/JPY", Decimal("157.2"))]
    told = SameDigits(figures)
    assert [told.tell(*one) for one in figures] == ["1.1000", "1.0985", "157.2"]


def test_a_large_figure_or_an_average_makes_none_beside_it_longer_than_can_be_read():
    figures = [("BTC/USD", Decimal("64123.4")), ("BTC/USD", Decimal("64123.456789")), ("ETH/USD", Decimal(1) / 3)]
    assert [SameDigits(figures).tell(*one) for one in figures] == ["64,123.40", "64,123.46", "0.33333333"]
    exact = SameDigits(figures[:2], exact=True)
    assert exact.tell(*figures[1]) == "64,123.456789"
