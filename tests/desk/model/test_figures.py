from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.figures import told_apart


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
