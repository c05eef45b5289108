"""The limits of the breaker as they are written: read exactly, refused where they would let everything pass."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from desk.accounts import load_fleet, policy_of
from desk.accounts.showing import show
from desk.errors import ConfigError
from desk.execution.breaker import BreakerLimits
from desk.model.books import TradingState
from tests.desk.accounts.conftest import WriteConfiguration

ACCOUNTS, POLICY = "accounts.yaml", "policy.yaml"
RULES = "    rules:\n"
OVERRIDE = "entry_score: 0.4"
LIVE = """\
connections:
  practice:
    kind: oanda
    environment: practice
    account_id: "101-001-1234567-001"
    secrets: {token: OANDA_TOKEN}
feeds:
  oanda: {kind: venue, connection: practice}
"""


@pytest.fixture
def load(write: WriteConfiguration) -> Callable[..., BreakerLimits]:
    """Loads the account with a breaker of these keys, in flow style, and returns its limits."""

    def load(keys: str) -> BreakerLimits:
        fleet = load_fleet(write(POLICY, RULES, f"    breaker: {{{keys}}}\n{RULES}"))
        return policy_of(fleet, "oanda-gold").breaker

    return load


def test_without_a_breaker_an_account_has_no_limits(write: WriteConfiguration) -> None:
    assert policy_of(load_fleet(write()), "oanda-gold").breaker == BreakerLimits()


def test_every_limit_is_what_is_written(load: Callable[..., BreakerLimits]) -> None:
    losses = "daily_loss_fraction: 0.03, drawdown_fraction: 0.1, consecutive_losses: 6"
    orders = "orders_per_minute: 1, orders_per_hour: 2, same_order_per_hour: 3, rejections_per_hour: 4"
    assert load(f"{losses}, {orders}, loss_state: halted, loss_pause: 12h") == BreakerLimits(
        Decimal("0.03"), Decimal("0.1"), 6, 1, 2, 3, 4, TradingState.HALTED, timedelta(hours=12)
    )


def test_a_loss_leads_to_reduce_only_until_a_person_resumes_where_nothing_else_is_written(load) -> None:
    limits = load("daily_loss_fraction: 1")
    assert (limits.loss_state, limits.loss_pause) == (TradingState.REDUCE_ONLY, None)


@pytest.mark.parametrize("value", ["0", "-0.01", ".nan", ".inf", "1.01", "3%"])
@pytest.mark.parametrize("limit", ["daily_loss_fraction", "drawdown_fraction"])
def test_a_fraction_that_would_never_or_always_trip_is_refused(load, limit: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"breaker\.{limit}: expected a fraction above 0, up to 1, found"):
        load(f"{limit}: {value}")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", ".nan", ".inf", "100001", "many"])
@pytest.mark.parametrize("limit", ["consecutive_losses", "orders_per_minute", "orders_per_hour", "rejections_per_hour"])
def test_a_number_that_would_never_or_always_trip_is_refused(load, limit: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"breaker\.{limit}: expected a whole number from 1 to 100000, found"):
        load(f"{limit}: {value}")


def test_a_breaker_without_a_limit_is_refused(load) -> None:
    with pytest.raises(ConfigError, match=r"policies\.balanced\.breaker: expected daily_loss_fraction, .* found"):
        load("loss_state: halted")


def test_a_loss_cannot_lead_to_trading_as_before(load) -> None:
    with pytest.raises(ConfigError, match=r"loss_state: expected reduce_only or halted, found 'active'"):
        load("daily_loss_fraction: 0.1, loss_state: active")


def test_an_override_replaces_the_breaker_as_a_whole(write: WriteConfiguration) -> None:
    folder = write(POLICY, RULES, f"    breaker: {{daily_loss_fraction: 0.1, orders_per_hour: 5}}\n{RULES}")
    (folder / POLICY).write_text((folder / POLICY).read_text() + "    breaker: {drawdown_fraction: 0.2}\n")
    assert policy_of(load_fleet(folder), "oanda-gold").breaker == BreakerLimits(drawdown_fraction=Decimal("0.2"))


def test_the_limits_are_part_of_what_names_a_configuration_and_of_what_is_shown(write: WriteConfiguration) -> None:
    def loaded(limit: str):
        breaker = f"    breaker: {{daily_loss_fraction: {limit}, loss_pause: 90m}}\n{RULES}" if limit else RULES
        return load_fleet(write(POLICY, RULES, breaker))

    versions = [loaded(limit).account("oanda-gold").config_version for limit in ("", "0.1", "0.10", "0.2")]
    assert versions[1] == versions[2]
    assert len(set(versions)) == 3
    shown = YAML(typ="safe", pure=True).load(show(loaded("0.1"), "oanda-gold"))
    assert shown["policy"]["breaker"] == {
        "daily_loss_fraction": 0.1,
        "loss_state": "reduce_only",
        "loss_pause": "1h30m",
    }


@pytest.mark.parametrize(("breaker", "warned"), [("", True), ("    breaker: {drawdown_fraction: 0.2}\n", False)])
def test_a_live_account_that_no_loss_stops_is_a_warning(write: WriteConfiguration, breaker: str, warned: bool) -> None:
    folder = write(POLICY, RULES, breaker + RULES)
    accounts = (folder / ACCOUNTS).read_text().replace("feeds:\n", LIVE, 1).replace("feed: embedded", "feed: oanda")
    accounts = accounts.replace("mode: paper", "mode: live").replace("    starting_cash: 100_000.10\n", "")
    (folder / ACCOUNTS).write_text(accounts)
    expected = "expected a policy with a breaker, since the account is live, found none; no loss stops it"
    assert [warning.split(": ", 2)[2] for warning in load_fleet(folder).warnings] == [expected] * warned


def test_a_paper_account_may_go_without_a_breaker(write: WriteConfiguration) -> None:
    assert load_fleet(write()).warnings == ()


def test_every_policy_of_the_sample_fleet_has_a_breaker() -> None:
    sample = load_fleet(Path(__file__).parents[3] / "config")
    assert all(policy.breaker is not None for policy in sample.policies.values())
