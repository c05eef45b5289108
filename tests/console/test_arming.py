"""Arming from the command line: everything is shown, a word has to be typed, and refusals leave nothing armed."""

import json
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.arming import confirmation, find_unarmed
from desk.model.arming import Arm
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.builders import CLOSE

ROOT = Path(__file__).parents[2]
POLICY = """\
policies:
  balanced:
    sizing: {name: fixed_fraction, parameters: {fraction: 0.005}}
    entry_score: 0.35
    exit_score: 0.3
    rules: [{name: position_size}, {name: total_exposure, multiple: 3}]
    breaker: {daily_loss_fraction: 0.02, drawdown_fraction: 0.1, orders_per_hour: 30}
"""
PRACTICE = {"environment": "practice"}


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("kucoin", "oanda"))) as running:
        yield running


def fleet(connection: dict[str, object]) -> dict[str, Any]:
    """One live account at OANDA."""
    reached = {"kind": "oanda", "account_id": "101-001-0000001-001", "secrets": {"token": "TEST_TOKEN"}}
    return {
        "connections": {"venue": {**reached, **connection}},
        "feeds": {"venue": {"kind": "venue", "connection": "venue"}},
        "venues": {"oanda": {"maker_fee_bps": 0, "taker_fee_bps": 0}},
        "accounts": {
            "sample": {
                "venue": "oanda",
                "mode": "live",
                "feed": "venue",
                "currency": "USD",
                "instruments": ["EUR/USD"],
                "strategies": [{"name": "breakout"}],
                "policy": "balanced",
                "schedule": {"every": "5m"},
            }
        },
    }


def write(home, connection: dict[str, object], **changes: object) -> None:
    written = fleet(connection)
    written["accounts"]["sample"].update(changes)
    (home / "config" / "accounts.yaml").write_text(json.dumps(written))
    (home / "config" / "policy.yaml").write_text(POLICY)


@pytest.fixture
def simulator(home, fill, addresses, monkeypatch) -> dict[str, object]:
    """An empty ledger and an account at a simulated venue, which can be asked everything."""
    connection = {"environment": "simulator", "url": addresses.venues["oanda"]}
    write(home, connection)
    monkeypatch.setenv("TEST_TOKEN", "simulator-oanda-token")
    return connection


@pytest.fixture
def practice(home, fill) -> None:
    """An empty ledger and an account of a practice world, which no test may ask anything."""
    write(home, PRACTICE)


def arms(desk):
    return {one["account"]: one for one in desk("arms", "--json").json}


def actions(desk):
    return [row["action"] for row in desk("audit", "--json").json]


def test_everything_that_was_checked_is_shown_and_a_typed_name_arms(desk, simulator, monkeypatch):
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "sample")
    ended = desk("arm", "sample", "--as", "ana")
    assert ended.code == 0, ended.out
    for words in ("environment simulator", "101-001-0000001-001", "100,000.00 USD", "rule position_size", "NOT TOLD"):
        assert words in ended.out
    assert "armed for configuration" in ended.out
    found = arms(desk)["sample"]
    assert (found["who"], found["venue_account"]) == ("ana", "101-001-0000001-001")
    assert actions(desk) == ["armed"]
    assert desk("audit", "verify").code == 0


@pytest.mark.parametrize("word", ["", "samples", "SAMPLE", "yes"])
def test_another_word_stores_nothing(desk, simulator, word):
    ended = desk("arm", "sample", "--confirm", word)
    assert ended.code == 1
    assert "expected 'sample', found another text; nothing was stored." in ended.out
    assert arms(desk)["sample"]["since"] is None
    assert actions(desk) == []


def test_real_money_has_to_be_called_so():
    assert confirmation("sample", "live") == "sample real money"
    assert confirmation("sample", "practice") == "sample"


def test_a_script_confirms_and_reads_what_came_of_it(desk, simulator):
    ended = desk("arm", "sample", "--confirm", "sample", "--as", "ana", "--json")
    assert ended.code == 0
    told = ended.json
    assert (told["armed"], told["who"], told["currency"]) == (True, "ana", "USD")
    assert Decimal(told["equity"]) == 100_000
    assert {check["name"]: check["result"] for check in told["checks"]}["right to trade"] == "not told"


def test_a_program_is_not_asked(desk, simulator):
    ended = desk("arm", "sample", "--json")
    assert ended.code == 2
    assert "expected --confirm with it" in ended.err


def test_a_failed_check_refuses_says_what_to_do_and_is_in_the_audit(desk, simulator, home):
    write(home, simulator, watch="off", currency="EUR")
    ended = desk("arm", "sample", "--confirm", "sample", "--as", "ana")
    assert ended.code == 1
    assert "currency: write `currency: USD` in the account" in ended.out
    assert "stop: take `watch: off` out of the account" in ended.out
    assert "sample is not armed: 2 checks failed." in ended.out
    assert arms(desk)["sample"]["since"] is None
    (row,) = desk("audit", "--json").json
    assert (row["who"], row["action"], set(row["detail"])) == ("ana", "arming refused", {"currency", "stop"})


def test_a_key_that_the_venue_does_not_know_is_a_failure_and_not_shown(desk, simulator, monkeypatch):
    monkeypatch.setenv("TEST_TOKEN", "canary-token")
    ended = desk("arm", "sample", "--confirm", "sample")
    assert ended.code == 1
    assert "is the key of the environment simulator?" in ended.out
    assert "canary" not in ended.out + ended.err + json.dumps(desk("audit", "--json").json)


def test_an_account_on_paper_has_nothing_to_arm(desk, fill):
    ended = desk("arm", "sample", "--confirm", "sample")
    assert ended.code == 3
    assert "sample: expected an account of mode live to arm, found mode paper" in ended.err


def test_without_a_ledger_no_venue_is_asked(desk, home, monkeypatch):
    write(home, PRACTICE)
    assert desk("arm", "sample", "--confirm", "sample").code == 4


async def arm(ledger, version: str) -> None:
    await ledger.arm(Arm("sample", version, "practice", "101-001-0000001-001", "ana", CLOSE))


def version(desk) -> str:
    return desk("config", "show", "sample", "--json").json["config_version"]


def test_a_practice_account_that_is_not_armed_is_shown_everywhere_as_that(desk, practice):
    expected = "not armed: run `desk arm sample`"
    found = arms(desk)["sample"]
    assert (found["needs_arming"], found["may_open"], found["why_not"]) == (True, False, expected)
    assert expected in desk("arms").out
    assert f"trading state is reduce_only until it is armed: {expected}" in desk("status").out
    (state,) = desk("states", "--json").json
    assert (state["scope"], state["state"], state["why"]) == ("account:sample", "reduce_only", expected)
    assert (
        f"It stays stricter than that: account:sample is reduce_only: {expected}"
        in desk("resume", "account:sample").out
    )


def test_whoever_starts_the_desk_is_told_of_accounts_that_are_not_armed(desk, practice, fill):
    desk("halt", "fleet")
    assert find_unarmed() == {"sample": "not armed: run `desk arm sample`"}
    now = version(desk)
    fill(lambda ledger: arm(ledger, now))
    assert find_unarmed() == {}


def test_an_armed_account_is_active_and_says_by_whom_and_since_when(desk, practice, fill):
    now = version(desk)
    fill(lambda ledger: arm(ledger, now))
    found = arms(desk)["sample"]
    assert (found["may_open"], found["who"], found["configuration"]) == (True, "ana", now)
    assert "2026-01-14 15:00  ana" in desk("arms").out
    assert desk("states").out == "everything is active\n"


def test_a_changed_configuration_says_which_one_was_armed(desk, practice, home, fill):
    before = version(desk)
    fill(lambda ledger: arm(ledger, before))
    write(home, PRACTICE, lookback=400)
    now = version(desk)
    assert now != before
    why = f"armed for configuration {before}, the account's configuration is {now} now: run `desk arm sample`"
    assert arms(desk)["sample"]["why_not"] == why
    assert desk("status", "--json").json[0]["trading_state"] == "reduce_only"


def test_real_money_without_the_switch_is_named(desk, practice, home, fill, monkeypatch):
    write(home, {"environment": "live"})
    now = version(desk)
    fill(lambda ledger: arm(ledger, now))
    assert "DESK_ALLOW_LIVE is not yes" in arms(desk)["sample"]["why_not"]
    monkeypatch.setenv("DESK_ALLOW_LIVE", "yes")
    assert arms(desk)["sample"]["may_open"]


def test_a_switch_that_is_neither_is_refused_by_its_name(desk, practice, monkeypatch):
    monkeypatch.setenv("DESK_ALLOW_LIVE", "true")
    ended = desk("arms")
    assert ended.code == 3
    assert "DESK_ALLOW_LIVE: Input should be 'yes' or 'no'" in ended.err


def test_disarming_takes_the_arm_away_and_says_so(desk, practice, fill):
    now = version(desk)
    fill(lambda ledger: arm(ledger, now))
    assert desk("disarm", "sample", "--why", "holiday", "--as", "ben").out == "sample: disarmed\n"
    assert desk("disarm", "sample").out == "sample: it was not armed\n"
    assert not arms(desk)["sample"]["may_open"]
    assert actions(desk) == ["armed", "disarmed"]


def test_a_name_that_is_none_is_not_taken_for_one_that_was_not_armed(desk, practice):
    ended = desk("disarm", "sampel")
    assert (ended.code, "did you mean 'sample'" in ended.err) == (2, True)


def test_an_account_that_is_configured_no_more_is_listed_and_can_be_disarmed(desk, practice, home, fill):
    now = version(desk)
    fill(lambda ledger: arm(ledger, now))
    text = (home / "config" / "accounts.yaml").read_text()
    (home / "config" / "accounts.yaml").write_text(text.replace('"sample"', '"other"'))
    assert arms(desk)["sample"]["environment"] == "practice"
    assert desk("disarm", "sample").code == 0
    assert set(arms(desk)) == {"other"}


def test_the_page_is_right_about_the_rehearsal(desk, home, fill, addresses, monkeypatch):
    for file in (ROOT / "config" / "rehearsal").glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace("http://127.0.0.1:8703", addresses.venues["kucoin"])
        (home / "config" / file.name).write_text(text, encoding="utf-8")
    for part, value in find_dialects(("kucoin",))["kucoin"].VENUE.secrets.items():
        monkeypatch.setenv(f"SIMULATOR_KUCOIN_{part.upper()}", value)
    page = (ROOT / "docs" / "how-to" / "arm-an-account.md").read_text(encoding="utf-8").partition("## Try it first")[2]
    steps = [shlex.split(line.removeprefix("$ desk ")) for line in page.splitlines() if line.startswith("$ desk ")]
    ended = [desk(*step) for step in steps]
    assert [one.code for one in ended] == [0] * len(steps), ended
    assert "That was a rehearsal" in ended[0].out
    assert "a simulator needs no arm" in ended[1].out
    assert actions(desk) == ["armed", "disarmed"]


def test_a_fleet_on_paper_has_no_arms(desk, fill):
    assert desk("arms").out == "no account is live, and none is armed\n"
