import pytest

from desk.model.instrument import Side
from desk.model.surroundings import Surroundings
from desk.risk.correlated_exposure import CorrelatedExposure
from tests.builders import position, snapshot
from tests.contracts.samples import proposal

RULE = CorrelatedExposure(multiple=1)


def allowed(correlation, *, held="2.75", side=Side.BUY):
    known = {} if correlation is None else {"EUR/USD XAU/USD": correlation}
    books = snapshot(
        equity="11000", positions=[position("XAU/USD", held)], surroundings=Surroundings(correlations=known)
    )
    return RULE.review(proposal(quantity="20000", side=side), books).allowed_quantity


@pytest.mark.parametrize(("correlation", "quantity"), [(0.0, 10_000), (0.5, 7500), (1.0, 5000), (-0.7, 10_000)])
def test_a_position_on_the_same_side_counts_with_its_correlation(correlation, quantity):
    assert allowed(correlation) == quantity
    assert allowed(correlation, held="-2.75", side=Side.SELL) == quantity


@pytest.mark.parametrize(("correlation", "quantity"), [(0.5, 10_000), (-0.5, 7500)])
def test_a_position_on_the_other_side_counts_where_it_moves_against(correlation, quantity):
    assert allowed(correlation, held="-2.75") == quantity


@pytest.mark.parametrize("correlation", [None, float("nan"), 1.7])
@pytest.mark.parametrize("held", ["2.75", "-2.75"])
def test_what_is_not_known_counts_whole(correlation, held):
    assert allowed(correlation, held=held) == 5000
