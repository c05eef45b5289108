from dataclasses import replace
from decimal import Decimal

import pytest

from desk.model.reasons import Reason
from desk.risk.margin import Margin
from tests.builders import position, snapshot
from tests.contracts.samples import proposal, working_order

RULE = Margin(fraction="0.5", margin_fraction="0.1")


def review(used, **books):
    account = snapshot(equity="11000", **books)
    return RULE.review(
        proposal(quantity="9000"), replace(account, money=replace(account.money, margin_used=Decimal(used)))
    )


def test_the_venues_word_is_what_open_positions_tie_up():
    finding = review("4950", positions=[position("XAU/USD", "1")])
    assert (finding.allowed_quantity, finding.observed) == (5000, 5940)
    assert review("0").reason is None


def test_orders_that_may_still_fill_and_approved_trades_are_added():
    assert review("0", open_orders=(working_order("XAU/USD", "-27.5"),)).allowed_quantity == 0
    assert review("0", pending={"EUR/USD": Decimal(45_000)}).allowed_quantity == 5000


@pytest.mark.parametrize("used", ["NaN", "-1", "Infinity"])
def test_a_margin_that_cannot_be_is_not_known(used):
    finding = review(used)
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.NOT_KNOWN)
    assert used in finding.detail
