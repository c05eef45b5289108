from decimal import Decimal

import pytest

from desk.model.reasons import Reason
from desk.risk.number_of_positions import NumberOfPositions
from tests.builders import position, snapshot
from tests.contracts.samples import proposal, working_order

TWO = NumberOfPositions(limit=2)
GOLD = position("XAU/USD", "1")


def test_a_free_place_lets_the_whole_proposal_pass():
    finding = TWO.review(proposal(), snapshot(positions=[GOLD]))
    assert (finding.allowed_quantity, finding.reason) == (1000, None)
    assert (finding.limit, finding.observed, finding.unit) == (2, 2, "positions")


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param({"positions": [GOLD, position("BTC/USD", "-1")]}, id="a position"),
        pytest.param({"positions": [GOLD], "open_orders": (working_order("USD/JPY"),)}, id="a working order"),
        pytest.param({"positions": [GOLD], "pending": {"BTC/USD": Decimal(1)}}, id="a trade approved just now"),
        pytest.param({"positions": [GOLD], "blocked": {"BTC/USD": "sd-1"}}, id="an order with unknown outcome"),
    ],
)
def test_a_place_is_taken_by(taken):
    finding = TWO.review(proposal(), snapshot(**taken))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NUMBER_OF_POSITIONS)
    assert finding.observed == 3


def test_adding_to_a_position_takes_no_further_place():
    held = [GOLD, position("BTC/USD", "1"), position("EUR/USD", "1000")]
    assert TWO.review(proposal(), snapshot(positions=held)).reason is None
