from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.risk.risk_per_trade import RiskPerTrade
from tests.builders import snapshot
from tests.contracts.samples import proposal

RULE = RiskPerTrade(fraction="0.01", cost_bps=50)


def review(wish, **books):
    return RULE.review(wish, snapshot(**books))


def test_the_loss_at_the_stop_is_counted_with_costs():
    finding = review(proposal(quantity="1000", stop="1.0955"))
    assert (finding.limit, finding.observed, finding.reason) == (100, 10, None)


def test_the_loss_of_a_short_position_is_above_its_price():
    wish = proposal(quantity="1000", stop="1.1045", side=Side.SELL)
    assert review(wish).observed == 10
    wrong = review(replace(wish, side=Side.BUY))
    assert (wrong.reason, wrong.detail) == (
        Reason.NOT_KNOWN, "expected a stop below the price, found 1.1045 at the price 1.10000",
    )  # fmt: skip


def test_the_loss_is_converted_to_the_currency_of_the_account():
    finding = review(proposal("USD/JPY", "1000", stop="149.25"))
    assert finding.observed == 1000 * (Decimal("0.75") + Decimal("0.75")) * Decimal("0.0066")


@pytest.mark.parametrize("price", ["0", "-1", "NaN"])
def test_a_price_that_is_none_is_refused(price):
    wish = replace(proposal(stop="1.09"), reference_price=Decimal(price))
    assert (review(wish).allowed_quantity, review(wish).reason) == (0, Reason.NOT_KNOWN)


@given(quantity=st.decimals("1", "1000000", places=2), stop=st.decimals("0.5", "1.0999", places=4),
       equity=st.decimals("1", "1000000", places=2))  # fmt: skip
def test_what_is_allowed_never_loses_more_than_the_limit(quantity, stop, equity):
    finding = review(proposal(quantity=str(quantity), stop=str(stop)), equity=str(equity))
    assert finding.allowed_quantity * (Decimal("1.1") - stop + Decimal("0.0055")) <= finding.limit
