"""What is allocated to an instrument, to a tier of them, and to the rest."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from desk.model.reasons import Reason
from desk.registry import risk_rules
from tests.builders import position, snapshot
from tests.contracts.samples import proposal

EURO = {"name": "tier euro", "instruments": ["EUR/USD", "XAU/USD"], "multiple": 1}
RULE = risk_rules().build("allocation", {"parts": [EURO], "rest": 2})


def test_a_trade_is_cut_to_what_its_part_has_left():
    books = snapshot(equity="11000", positions=[position("XAU/USD", "2"), position("USD/JPY", "5000")])
    finding = RULE.review(proposal(quantity="9000"), books)
    assert finding.allowed_quantity == Decimal("6363.6363636363636363")  # 7,000 dollars
    assert (finding.reason, finding.limit, finding.detail) == (Reason.ALLOCATION, 11_000, "tier euro")


def test_a_short_position_of_the_same_part_takes_its_value_too():
    long, short = (
        RULE.review(proposal(quantity="9000"), snapshot(equity="11000", positions=[position("XAU/USD", quantity)]))
        for quantity in ("2", "-2")
    )
    assert long.allowed_quantity == short.allowed_quantity < 9000


def test_what_is_in_no_part_shares_the_rest():
    books = snapshot(equity="11000", positions=[position("EUR/USD", "10000"), position("USD/JPY", "15000")])
    finding = RULE.review(proposal("BTC/USD", "0.2"), books)
    assert finding.limit == 22_000
    assert finding.allowed_quantity == (22_000 - 15_000 * Decimal(150) * Decimal("0.0066")) / 50_000
    assert finding.detail == "what is in no part"


def test_of_two_parts_the_one_with_less_room_decides():
    own = {"name": "allocation of EUR/USD", "instruments": ["EUR/USD"], "multiple": "0.1"}
    rule = risk_rules().build("allocation", {"parts": [EURO, own]})
    finding = rule.review(proposal(quantity="9000"), snapshot(equity="11000"))
    assert (finding.allowed_quantity, finding.detail) == (1000, "allocation of EUR/USD")


def test_while_something_of_the_part_cannot_be_valued_nothing_is_added():
    books = snapshot(equity="11000", positions=[position("XAU/USD", "1")])
    quotes = {name: one for name, one in books.quotes.items() if name != "XAU/USD"}
    finding = RULE.review(proposal(), replace(books, quotes=quotes))
    assert (finding.allowed_quantity, finding.reason) == (0, Reason.STALE_DATA)


@pytest.mark.parametrize("multiple", [0, -1, "NaN", None])
def test_a_part_without_a_limit_above_0_is_refused(multiple):
    with pytest.raises(ValidationError):
        type(RULE).model_validate({"parts": [{**EURO, "multiple": multiple}]})
