"""What an account is written to be: whether it needs an arm, and what it must have before it can get one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from desk.accounts import Fleet, load_fleet
from desk.accounts.arming import configured_checks, needs_arming
from desk.model.arming import ArmCheck, CheckResult
from tests.desk.accounts.test_connections import ACCOUNTS

POLICY = """\
policies:
  plain:
    sizing: {name: fixed_fraction}
    entry_score: 0.35
    exit_score: 0.3
    rules:
      - {name: position_size, multiple: 0.5}
      - {name: total_exposure}
    breaker:
      daily_loss_fraction: 0.03
      drawdown_fraction: 0.15
      orders_per_hour: 30
"""
LIVE, SIMULATED = "environment: live", "environment: simulator\n    url: http://127.0.0.1:1"


def written(folder: Path, changes: Mapping[str, str] | None = None) -> Fleet:
    """A fleet of one live practice account that may be armed, with changes to what is written about it."""
    files = {"accounts.yaml": ACCOUNTS, "policy.yaml": POLICY}
    for old, new in (changes or {}).items():
        assert any(old in text for text in files.values()), old
        files = {name: text.replace(old, new, 1) for name, text in files.items()}
    for name, text in files.items():
        (folder / name).write_text(text)
    return load_fleet(folder)


def failed(fleet: Fleet, *, allows_live: bool = False) -> list[ArmCheck]:
    checks = configured_checks(fleet, "euro", allows_live=allows_live)
    return [check for check in checks if check.result is CheckResult.FAIL]


def test_a_live_account_of_a_real_venue_needs_an_arm_for_its_configuration(tmp_path: Path) -> None:
    fleet = written(tmp_path)
    (need,) = needs_arming(fleet, allows_live=False)
    assert (need.account, need.environment, need.forbidden) == ("euro", "practice", "")
    assert need.config_version == fleet.account("euro").config_version != ""


@pytest.mark.parametrize(
    "changes",
    [
        {"environment: practice": SIMULATED},
        {"mode: live": "mode: paper\n    starting_cash: 1000"},
        {"mode: live": "mode: dry_run\n    starting_cash: 1000"},
        {"environment: practice": LIVE, "mode: live": "mode: paper\n    starting_cash: 1000"},
    ],
)
def test_a_simulator_paper_and_a_dry_run_need_none(tmp_path: Path, changes: dict[str, str]) -> None:
    assert needs_arming(written(tmp_path, changes), allows_live=False) == ()


def test_real_money_is_forbidden_without_the_switch(tmp_path: Path) -> None:
    fleet = written(tmp_path, {"environment: practice": LIVE})
    (need,) = needs_arming(fleet, allows_live=False)
    assert need.forbidden.startswith("DESK_ALLOW_LIVE is not yes")
    assert [check.name for check in failed(fleet)] == ["DESK_ALLOW_LIVE"]
    (need,) = needs_arming(fleet, allows_live=True)
    assert need.forbidden == ""
    assert failed(fleet, allows_live=True) == []


def test_play_money_needs_no_switch(tmp_path: Path) -> None:
    assert "DESK_ALLOW_LIVE" not in [
        check.name for check in configured_checks(written(tmp_path), "euro", allows_live=False)
    ]


def test_an_account_that_is_not_watched_opens_nothing_and_cannot_be_armed(tmp_path: Path) -> None:
    fleet = written(tmp_path, {"    mode: live": "    mode: live\n    watch: off"})
    (need,) = needs_arming(fleet, allows_live=False)
    assert "`watch: off`" in need.forbidden
    (check,) = failed(fleet)
    assert (check.name, check.found) == ("stop", "no watch")
    assert "take `watch: off` out" in check.advice


def test_what_has_all_its_limits_passes_and_says_which(tmp_path: Path) -> None:
    checks = {check.name: check for check in configured_checks(written(tmp_path), "euro", allows_live=False)}
    assert {check.result for check in checks.values()} == {CheckResult.PASS}
    assert {name: check.found for name, check in checks.items()} == {
        "rule position_size": "multiple 0.5",
        "rule total_exposure": "multiple 3",
        "breaker daily_loss_fraction": "0.03",
        "breaker drawdown_fraction": "0.15",
        "breaker order rate": "orders_per_hour 30",
        "stop": "kept at the venue, watched every 2m",
    }


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"      - {name: position_size, multiple: 0.5}\n": ""}, "rule position_size"),
        ({"      - {name: total_exposure}\n": ""}, "rule total_exposure"),
        ({"      daily_loss_fraction: 0.03\n": ""}, "breaker daily_loss_fraction"),
        ({"      drawdown_fraction: 0.15\n": ""}, "breaker drawdown_fraction"),
        ({"      orders_per_hour: 30\n": ""}, "breaker order rate"),
    ],
)
def test_a_limit_that_is_missing_fails_and_says_what_to_add(tmp_path: Path, changes: dict[str, str], name: str) -> None:
    (check,) = failed(written(tmp_path, changes))
    assert (check.name, check.expected, check.found) == (name, "a limit", "nothing")
    assert "the policy plain" in check.advice


def test_stops_that_the_desk_alone_keeps_are_named(tmp_path: Path) -> None:
    connection = ACCOUNTS[ACCOUNTS.index("    kind: oanda") : ACCOUNTS.index("  other:")]
    spot = "    kind: kucoin\n    environment: live\n    secrets: {key: A, secret: B, passphrase: C}\n"
    changes = {connection: spot, "venue: oanda": "venue: kucoin", "currency: USD": "currency: USDT"}
    fleet = written(tmp_path, {**changes, "[EUR/USD]": "[BTC/USDT]"})
    *_, stop = configured_checks(fleet, "euro", allows_live=True)
    assert (stop.result, stop.found) == (CheckResult.PASS, "kept by the desk alone for BTC/USDT, watched every 30s")
