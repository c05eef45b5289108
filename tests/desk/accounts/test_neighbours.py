"""Whom an account has around it, and in which currency a fleet is counted."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import Fleet, load_fleet
from desk.errors import ConfigError
from desk.model.cycle import Mode

ACCOUNTS = "accounts.yaml"


@pytest.fixture
def fleet(write: Callable[..., Path]) -> Fleet:
    return load_fleet(write())


def with_second(fleet: Fleet, **changes: object) -> Fleet:
    """The fleet with one more account, which is like the first but for the changes."""
    second = fleet.account("oanda-gold").model_copy(update={"name": "second", **changes})
    return replace(fleet, accounts={**fleet.accounts, "second": second})


def test_every_other_account_of_the_same_mode_is_around_an_account(fleet: Fleet) -> None:
    both = with_second(fleet)
    assert [other.name for other in both.neighbours_of("oanda-gold")] == ["second"]
    assert [other.name for other in both.neighbours_of("second")] == ["oanda-gold"]


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.LIVE])
def test_money_that_is_real_and_money_that_is_not_are_not_added_up(fleet: Fleet, mode: Mode) -> None:
    both = with_second(fleet, mode=mode)
    assert (both.neighbours_of("oanda-gold"), both.neighbours_of("second")) == ((), ())


def test_accounts_with_another_present_are_not_around_one(fleet: Fleet) -> None:
    assert with_second(fleet, feed="history").neighbours_of("oanda-gold") == ()


def test_live_accounts_of_practice_and_of_real_money_do_not_see_each_other(write: Callable[..., Path]) -> None:
    place = "{kind: oanda, environment: %s, account_id: '101-001-0000001-00%d', secrets: {token: TOKEN}}"
    connections = f"connections:\n  play: {place % ('practice', 1)}\n  real: {place % ('live', 2)}\nfeeds:\n"
    fleet = load_fleet(write(ACCOUNTS, "feeds:\n", connections))
    live = {
        name: fleet.account("oanda-gold").model_copy(update={"name": name, "mode": Mode.LIVE, "connection": connection})
        for name, connection in (("one", "play"), ("two", "play"), ("three", "real"))
    }
    assert [other.name for other in replace(fleet, accounts=live).neighbours_of("one")] == ["two"]


def test_the_currency_of_the_fleet_and_fixed_rates_are_read(write: Callable[..., Path]) -> None:
    told = "fleet_currency: EUR\nfleet_rates: {USDT: 0.92}\nfeeds:\n"
    fleet = load_fleet(write(ACCOUNTS, "feeds:\n", told))
    assert (fleet.currency, fleet.rates) == ("EUR", {"USDT": Decimal("0.92")})


@pytest.mark.parametrize("written", ["{USDT: 0}", "{USDT: -1}", "{usdt: 1}", "{USDT: .nan}", "7"])
def test_a_rate_that_is_none_is_refused_with_its_line(write: Callable[..., Path], written: str) -> None:
    with pytest.raises(ConfigError, match=r"accounts\.yaml:1: fleet_rates"):
        load_fleet(write(ACCOUNTS, "feeds:\n", f"fleet_rates: {written}\nfeeds:\n"))


def test_another_currency_of_the_fleet_is_another_configuration(write: Callable[..., Path]) -> None:
    before = load_fleet(write()).account("oanda-gold").config_version
    after = load_fleet(write(ACCOUNTS, "feeds:\n", "fleet_currency: EUR\nfeeds:\n")).account("oanda-gold")
    assert after.config_version != before
