"""The sum of what a trade is expected to cost."""

from decimal import Decimal

from desk.model.costs import CostEstimate


def test_every_kind_of_cost_counts_and_an_income_is_taken_off():
    amounts = (Decimal(amount) for amount in ("1", "0.2", "0.03", "-0.4", "0.005"))
    assert CostEstimate(*amounts).total == Decimal("0.835")
