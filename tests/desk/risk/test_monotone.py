"""A wider limit never leaves less: every parameter of every rule has a direction."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from desk.plugin import RiskRule
from desk.registry import risk_rules
from tests.contracts.samples import parameters, proposals, snapshots

RULES = risk_rules().discover()

# A larger value of these is a narrower limit; of every other parameter it is a wider one.
NARROWER = {
    ("consecutive_losses", "pause"),
    ("cooldown", "period"),
    ("cooldown_after_loss", "period"),
    ("event_blackout", "after"),
    ("event_blackout", "before"),
    ("expected_value", "threshold"),
    ("liquidation_distance", "maintenance_fraction"),
    ("liquidation_distance", "stop_multiple"),
    ("liquidity", "turnover"),
    ("low_profit_lock", "pause"),
    ("low_profit_lock", "required_profit"),
    ("margin", "margin_fraction"),
    ("risk_per_trade", "cost_bps"),
    ("session_hours", "after_open"),
    ("session_hours", "before_close"),
    ("stop_loss_guard", "lookback"),
    ("stop_loss_guard", "pause"),
    ("stop_loss_guard", "profit_below"),
    ("trade_drawdown", "lookback"),
    ("trade_drawdown", "pause"),
}
# These choose what is looked at, and none of their values is wider than another.
CHOICES = {
    ("allocation", "parts"),
    ("cooldown", "unlock_at"),
    ("event_blackout", "importance"),
    ("event_blackout", "required"),
    ("expected_value", "prior_trades"),
    ("low_profit_lock", "lookback"),
    ("low_profit_lock", "per_side"),
    ("low_profit_lock", "unlock_at"),
    ("session_hours", "days"),
    ("session_hours", "end"),
    ("session_hours", "kinds"),
    ("session_hours", "start"),
    ("session_hours", "zone"),
    ("stop_loss_guard", "per_instrument"),
    ("stop_loss_guard", "per_side"),
    ("stop_loss_guard", "unlock_at"),
    ("trade_drawdown", "unlock_at"),
}
LIMITS = [
    (name, parameter)
    for name, rule in RULES.items()
    for parameter in rule.model_fields
    if (name, parameter) not in CHOICES
]


@pytest.mark.parametrize("name", sorted({name for name, _ in LIMITS}))
@settings(max_examples=10, deadline=None)
@given(data=st.data(), proposal=proposals(), snapshot=snapshots())
def test_a_wider_limit_leaves_no_less(name, data, proposal, snapshot):
    values, others = data.draw(parameters(RULES[name])), data.draw(parameters(RULES[name]))
    for parameter in (parameter for owner, parameter in LIMITS if owner == name):
        ends = sorted([values[parameter], others[parameter]], reverse=(name, parameter) in NARROWER)
        narrow, wide = (_built(name, {**values, parameter: end}).review(proposal, snapshot) for end in ends)
        assert narrow.allowed_quantity <= wide.allowed_quantity, parameter


def test_every_exception_is_a_parameter_of_a_rule():
    assert set(LIMITS) >= NARROWER
    assert {(name, parameter) for name, rule in RULES.items() for parameter in rule.model_fields} >= CHOICES


def _built(name: str, values: dict[str, Any]) -> RiskRule:
    try:
        return RULES[name](**values)
    except ValidationError:
        assume(False)
        raise
