"""What the operator knows of costs reaches the policy; the rest is the venue's, or what is assumed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.accounts.costing import CostsSpec, cost_terms
from desk.costs import CostTerms

VENUE = {"taker_fee_bps": Decimal(60), "half_spread_bps": Decimal(1), "slippage_bps": Decimal(2)}


def test_without_a_word_fees_spread_and_slippage_are_those_of_the_venue() -> None:
    assert cost_terms(None, **VENUE) == CostTerms(**VENUE)


def test_what_is_written_stands_instead() -> None:
    written = CostsSpec(taker_fee_bps=0, financing_rate="-0.01", holding_time="90m", impact="0.5")
    terms = cost_terms(written, **VENUE)
    assert (terms.taker_fee_bps, terms.half_spread_bps, terms.slippage_bps) == (0, 1, 2)
    assert (terms.financing_rate, terms.holding_time) == (Decimal("-0.01"), timedelta(minutes=90))
    assert (terms.impact, terms.conversion_bps) == (Decimal("0.5"), CostTerms().conversion_bps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"taker_fee_bps": -1},
        {"taker_fee_bps": "NaN"},
        {"impact": 11},
        {"financing_rate": 2},
        {"funding_rate": "-1.1"},
        {"funding_interval": "0s"},
        {"slippage": 1},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        CostsSpec(**wrong)
