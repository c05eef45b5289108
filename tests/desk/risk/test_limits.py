"""A limit that is missing, not a number, or not above 0 is refused before anything starts."""

import pytest

from desk.errors import ConfigError
from desk.registry import risk_rules

LIMITS = [
    ("total_exposure", "multiple"),
    ("position_size", "multiple"),
    ("number_of_positions", "limit"),
    ("stale_data", "candle_age"),
    ("stale_data", "quote_age"),
    ("cooldown", "period"),
]


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), None, "", "NaN", 10**9, True, [1]])
def test_a_limit_that_limits_nothing_is_refused(rule, limit, value):
    with pytest.raises(ConfigError, match=f"risk rule {rule}: {limit}: "):
        risk_rules().build(rule, {limit: value})


def test_every_limit_of_every_rule_is_in_this_table():
    rules = risk_rules().discover().items()
    assert {(name, parameter) for name, rule in rules for parameter in rule.model_fields} == set(LIMITS)
