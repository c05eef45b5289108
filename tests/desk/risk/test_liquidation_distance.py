from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.risk.liquidation_distance import LiquidationDistance
from tests.builders import position, snapshot
from tests.contracts.samples import proposal

RULE = LiquidationDistance(stop_multiple=2, maintenance_fraction="0.1")


def test_a_position_is_cut_to_the_leverage_that_keeps_the_distance():
    finding = RULE.review(proposal(quantity="20000", stop="1.045"), snapshot(equity="2090"))
    assert (finding.allowed_quantity, finding.limit) == (10_000, 11_000)


def test_other_positions_need_their_maintenance_margin_too():
    books = snapshot(equity="2090", positions=[position("XAU/USD", "-5.225")])
    assert RULE.review(proposal(quantity="20000", stop="1.045"), books).allowed_quantity == 5000


@given(
    side=st.sampled_from(Side),
    share=st.decimals("0.01", "0.2", places=3),
    maintenance=st.decimals("0.001", "0.2", places=3),
)
def test_what_is_allowed_survives_the_move_by_the_venues_own_formula(side, share, maintenance):
    """Cross margin, linear contract: closed where equity and open profit fall to the maintenance margin."""
    rule = LiquidationDistance(stop_multiple=3, maintenance_fraction=maintenance)
    price = Decimal("1.1")
    stop = price * (1 - side.sign * share)
    found = rule.review(proposal(quantity="10000000", side=side, stop=str(stop)), snapshot(equity="5000"))
    quantity = found.allowed_quantity * side.sign
    moved = price * (1 - side.sign * 3 * share)
    left = 5000 + quantity * (moved - price)
    assert left - abs(quantity) * moved * maintenance == pytest.approx(Decimal(0), abs=Decimal("0.000001"))


def told(price, side="1000"):
    held = replace(position("EUR/USD", side), liquidation_price=Decimal(price))
    return RULE.review(proposal(quantity="10", stop="1.09"), snapshot(equity="100000", positions=[held]))


def test_the_price_that_the_venue_tells_has_to_be_far_enough():
    finding = told("1.0801")
    assert (finding.reason, finding.limit, finding.unit) == (Reason.LIQUIDATION_DISTANCE, Decimal("0.02"), "in price")
    assert finding.observed == Decimal("0.0199")
    assert told("1.08").reason is None


def test_what_the_venue_tells_of_the_other_side_does_not_count():
    assert told("1.12", side="-1000").reason is None


@pytest.mark.parametrize("price", ["0", "-1", "NaN"])
def test_a_liquidation_price_that_is_none_is_refused(price):
    assert (told(price).allowed_quantity, told(price).reason) == (0, Reason.NOT_KNOWN)


def test_without_a_stop_nothing_can_be_compared():
    assert RULE.review(proposal(), snapshot()).reason is Reason.NOT_KNOWN


def test_what_is_bought_outright_passes():
    finding = RULE.review(proposal("BTC/USD", "1"), snapshot(equity="1"))
    assert (finding.allowed_quantity, finding.reason) == (1, None)
    assert "own money" in finding.detail
