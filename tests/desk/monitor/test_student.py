"""Student's distribution against published tables."""

import pytest

from desk.monitor.student import probability_below, quantile


# Percentage points of t: Fisher & Yates, Statistical Tables, table III, to the digits printed there.
@pytest.mark.parametrize(
    ("degrees", "probability", "expected"),
    [
        (1, 0.975, 12.706),
        (2, 0.95, 2.920),
        (9, 0.975, 2.262),
        (10, 0.995, 3.169),
        (30, 0.95, 1.697),
        (120, 0.99, 2.358),
    ],
)
def test_quantiles_are_those_of_the_tables(degrees: int, probability: float, expected: float) -> None:
    assert quantile(probability, degrees) == pytest.approx(expected, abs=5e-4)
    assert quantile(1 - probability, degrees) == pytest.approx(-expected, abs=5e-4)


@pytest.mark.parametrize("degrees", [0.7, 1, 4.3, 57.5, 4000])
@pytest.mark.parametrize("probability", [1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999])
def test_a_quantile_has_its_probability_below_it(degrees: float, probability: float) -> None:
    assert probability_below(quantile(probability, degrees), degrees) == pytest.approx(probability, rel=1e-9)


def test_with_one_degree_it_is_the_cauchy_distribution_and_with_many_the_normal_one() -> None:
    assert probability_below(1.0, 1) == pytest.approx(0.75)
    assert probability_below(-1.0, 1) == pytest.approx(0.25)
    assert probability_below(1.959964, 1e7) == pytest.approx(0.975, abs=1e-6)
