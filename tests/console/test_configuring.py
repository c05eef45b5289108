from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.console.conftest import Desk

ROOT = Path(__file__).parents[2]


def spoil(home: Path, old: str, new: str, file: str = "accounts.yaml") -> None:
    path = home / "config" / file
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_configuration_is_counted(desk: Desk):
    said = desk("config", "check")
    assert (said.code, said.out, said.err) == (0, "3 accounts, nothing to correct\n", "")
    assert desk("config", "check", "--json").json == {"accounts": 3, "problems": [], "warnings": []}


def test_the_sample_fleet_has_nothing_to_correct(desk: Desk):
    said = desk("--config", str(ROOT / "config"), "config", "check")
    assert (said.code, said.out) == (0, "15 accounts, nothing to correct\n")


def test_every_problem_is_told_with_its_place(desk: Desk, home: Path):
    spoil(home, "name: breakout", "name: brekout")
    spoil(home, "multiple: 3", "multiple: -3", "policy.yaml")
    said = desk("config", "check")
    first, second, count = said.err.splitlines()
    assert (said.code, said.out) == (3, "")
    assert first.startswith(f"{home / 'config' / 'accounts.yaml'}:") or first.startswith("config/accounts.yaml:")
    assert "did you mean 'breakout'?" in first
    assert "policy.yaml" in second
    assert count == "2 problems to correct"
    told = desk("config", "check", "--json")
    assert (told.code, told.json["accounts"], told.json["problems"]) == (3, None, [first, second])


def test_an_instrument_that_no_feed_has_is_a_problem(desk: Desk, home: Path):
    spoil(home, "GBP/USD", "GBP/USB")
    assert "did you mean 'GBP/USD'?" in desk("config", "check").err


def test_warnings_are_shown_and_do_not_fail(desk: Desk, home: Path):
    spoil(home, "every: 5m, offset: 5s", "every: 1m")
    said = desk("config", "check")
    assert said.code == 0
    warning, count = said.out.splitlines()
    assert warning.startswith("warning: ")
    assert count == "3 accounts, nothing to correct, 1 warning"
    assert len(desk("config", "check", "--json").json["warnings"]) == 1


def test_a_command_that_needs_the_configuration_refuses_a_wrong_one(desk: Desk, home: Path):
    spoil(home, "name: breakout", "name: brekout")
    for words in (("accounts",), ("config", "show", "sample")):
        said = desk(*words)
        assert (said.code, said.out) == (3, "")
        assert said.err.startswith("desk: ")
        assert "accounts.yaml" in said.err


def test_an_account_is_shown_as_yaml_and_as_json(desk: Desk):
    shown = YAML(typ="safe", pure=True).load(desk("config", "show", "sample").out)
    told = desk("config", "show", "sample", "--json").json
    assert told["starting_cash"] == "10000.10"
    assert told["late_after"] == shown["late_after"] == "5m"
    assert told["schedule"] == shown["schedule"] == {"every": "5m", "timezone": "UTC", "offset": "5s"}
    assert list(told) == list(shown)


def test_an_unknown_account_suggests_the_nearest(desk: Desk):
    said = desk("config", "show", "sampel")
    assert (said.code, said.err) == (2, "desk: expected an account, found 'sampel'; did you mean 'sample'?\n")


@pytest.mark.parametrize("file", ["accounts", "policy", "universe", "events", "portfolio"])
def test_the_schema_of_one_file_is_a_schema(desk: Desk, file: str):
    both = desk("config", "schema").json
    one = desk("config", "schema", "--file", file)
    assert one.json == both[f"{file}.yaml"]
    assert one.json["$schema"].startswith("https://json-schema.org/")
    assert desk("config", "schema", "--file", file, "--json").out == one.out


def test_accounts_are_listed_as_they_are_configured(desk: Desk):
    said = desk("accounts")
    assert said.code == 0
    lines = {line.split()[0]: " ".join(line.split()) for line in said.out.splitlines()}
    assert lines["sample"] == (
        "sample oanda paper M5 EUR/USD, XAU/USD, BTC/USD momentum_trading balanced every 5m + 5s"
    )
    assert lines["fresh"].endswith("breakout balanced */5 * * * * Europe/London")
    assert lines["resting"].startswith("resting oanda dry_run, off M5")
    assert lines["resting"].endswith("FREQ=HOURLY; BYMINUTE=2")


def test_accounts_in_json_have_what_the_table_leaves_out(desk: Desk):
    told = {row["account"]: row for row in desk("accounts", "--json").json}
    assert told["sample"]["description"] == "The account of the builders."
    assert told["sample"]["instruments"] == ["EUR/USD", "XAU/USD", "BTC/USD"]
    assert told["resting"]["active"] is False
    assert told["resting"]["schedule"]["rrule"] == "FREQ=HOURLY;BYMINUTE=2"
    assert len(told["fresh"]["config_version"]) == 12
