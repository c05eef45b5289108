"""The sum of what a trade is expected to cost."""

from decimal import Decimal

from desk.model.costs import CostEstimate


def test_every_kind_of_cost_counts_and_an_income_is_taken_off():
    amounts = (Decimal(amount) for amount in ("1", "0.2", "0.03", "-0.4", "0.005"))
    assert CostEstimate(*amounts).total == Decimal("0.835")


def test_a_part_of_the_quantity_costs_its_part_of_every_kind():
    whole = CostEstimate(*(Decimal(amount) for amount in ("1", "2", "3", "-4", "5")))
    assert whole.part(Decimal("0.5")) == CostEstimate(*(Decimal(amount) for amount in ("0.5", "1", "1.5", "-2", "2.5")))
