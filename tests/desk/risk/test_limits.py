"""A limit that is missing, not a number, or not above 0 is refused before anything starts."""

import pytest

from desk.errors import ConfigError
from desk.registry import risk_rules

LIMITS = [
    ("allocation", "rest"),
    ("total_exposure", "multiple"),
    ("position_size", "multiple"),
    ("number_of_positions", "limit"),
    ("order_notional", "notional"),
    ("order_quantity", "quantity"),
    ("risk_per_trade", "fraction"),
    ("risk_per_trade", "cost_bps"),
    ("net_exposure", "multiple"),
    ("currency_exposure", "multiple"),
    ("correlated_exposure", "multiple"),
    ("margin", "fraction"),
    ("margin", "margin_fraction"),
    ("leverage", "limit"),
    ("liquidation_distance", "stop_multiple"),
    ("liquidation_distance", "maintenance_fraction"),
    ("fleet_exposure", "multiple"),
    ("fleet_loss", "fraction"),
    ("duplicate_idea", "accounts"),
    ("price_collar", "close_bps"),
    ("price_collar", "mid_bps"),
    ("liquidity", "fraction"),
    ("liquidity", "turnover"),
    ("spread", "limit_bps"),
    ("unusual_spread", "multiple"),
    ("stale_data", "candle_age"),
    ("stale_data", "quote_age"),
    ("cooldown", "period"),
    ("cooldown_after_loss", "period"),
    ("daily_loss", "fraction"),
    ("drawdown", "fraction"),
    ("consecutive_losses", "losses"),
    ("consecutive_losses", "pause"),
    ("low_profit_lock", "lookback"),
    ("low_profit_lock", "trades"),
    ("low_profit_lock", "pause"),
    ("stop_loss_guard", "lookback"),
    ("stop_loss_guard", "stops"),
    ("stop_loss_guard", "pause"),
    ("trade_drawdown", "lookback"),
    ("trade_drawdown", "trades"),
    ("trade_drawdown", "limit"),
    ("trade_drawdown", "pause"),
    ("trades_per_hour", "limit"),
    ("session_hours", "zone"),
    ("session_hours", "start"),
    ("session_hours", "end"),
    ("session_hours", "days"),
    ("session_hours", "kinds"),
    ("event_blackout", "importance"),
    ("expected_value", "prior_trades"),
]
# A time before or after something may be none at all, a profit below 0; what is true or false has no other value.
ZERO_IS_A_LIMIT = [
    ("low_profit_lock", "required_profit"),
    ("stop_loss_guard", "profit_below"),
    ("session_hours", "after_open"),
    ("session_hours", "before_close"),
    ("event_blackout", "before"),
    ("event_blackout", "after"),
    ("expected_value", "threshold"),
    ("expected_value", "prior_mean"),
]
PARTS = [("allocation", "parts")]
SWITCHES = [
    ("low_profit_lock", "per_side"),
    ("stop_loss_guard", "per_instrument"),
    ("stop_loss_guard", "per_side"),
    ("event_blackout", "required"),
]
TIMES_OF_DAY = [
    ("cooldown", "unlock_at"),
    ("low_profit_lock", "unlock_at"),
    ("stop_loss_guard", "unlock_at"),
    ("trade_drawdown", "unlock_at"),
]


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), None, "", "NaN", 10**9, True, [1]])
def test_a_limit_that_limits_nothing_is_refused(rule, limit, value):
    with pytest.raises(ConfigError, match=rf"risk rule {rule}: {limit}(\.0)?: "):
        risk_rules().build(rule, {limit: value})


@pytest.mark.parametrize(("rule", "limit"), ZERO_IS_A_LIMIT)
@pytest.mark.parametrize("value", [-(10**9), float("nan"), float("inf"), None, "", "NaN", 10**9, True, [1]])
def test_a_limit_that_may_be_0_has_ends_too(rule, limit, value):
    with pytest.raises(ConfigError, match=f"risk rule {rule}: {limit}: "):
        risk_rules().build(rule, {limit: value})


@pytest.mark.parametrize(("rule", "parts"), PARTS)
@pytest.mark.parametrize("multiple", [0, -1, float("nan"), float("inf"), None, "", "NaN", 10**9, True, [1]])
def test_the_limit_of_a_part_limits_something(rule, parts, multiple):
    with pytest.raises(ConfigError, match=rf"risk rule {rule}: {parts}(\.|\[)0.*multiple: "):
        risk_rules().build(rule, {parts: [{"instruments": ["EUR/USD"], "multiple": multiple}]})


@pytest.mark.parametrize(("rule", "switch"), SWITCHES)
@pytest.mark.parametrize("value", [0, 1, None, "", "yes", "true", [True]])
def test_a_switch_is_true_or_false(rule, switch, value):
    with pytest.raises(ConfigError, match=f"risk rule {rule}: {switch}: "):
        risk_rules().build(rule, {switch: value})


@pytest.mark.parametrize(("rule", "time"), TIMES_OF_DAY)
@pytest.mark.parametrize("value", ["24:00", "12:60", "8:00", "08:00:00", "0800", "-1:00", "noon", "", 8, True])
def test_a_time_of_day_has_hours_and_minutes(rule, time, value):
    with pytest.raises(ConfigError, match=f"risk rule {rule}: {time}: "):
        risk_rules().build(rule, {time: value})


def test_every_limit_of_every_rule_is_in_this_table():
    rules = risk_rules().discover().items()
    assert {(name, parameter) for name, rule in rules for parameter in rule.model_fields} == {
        *LIMITS, *ZERO_IS_A_LIMIT, *SWITCHES, *TIMES_OF_DAY, *PARTS
    }  # fmt: skip
