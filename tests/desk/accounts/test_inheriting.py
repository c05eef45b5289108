"""What a policy takes over from the one that it extends, and from the defaults."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.accounts import load_fleet, policy_of
from desk.decide import Policy
from desk.errors import ConfigError

WriteConfiguration = Callable[..., Path]

POLICY = """\
defaults:
  sizing: {name: fixed_fraction, parameters: {fraction: 0.002}}
  entry_score: 0.6
  exit_score: 0.5
  rules:
    - {name: stale_data, quote_age: 30s}
    - {name: cooldown, period: 1h}
policies:
  plain:
    description: Takes everything over.
  balanced:
    extends: middle
    rules:
      - {name: cooldown, period: 5m}
      - {name: number_of_positions, limit: 3}
  middle:
    description: In between.
    extends: plain
    entry_score: 0.7
    time_limit: 1d
    rules:
      - {name: leverage, limit: 4}
"""


@pytest.fixture
def policies(write: WriteConfiguration) -> Callable[..., Path]:
    """Writes the configuration with the policies above, `old` replaced by `new` in them."""

    def policies(old: str = "", new: str = "") -> Path:
        assert old in POLICY, old
        folder = write()
        (folder / "policy.yaml").write_text(POLICY.replace(old, new), encoding="utf-8")
        return folder

    return policies


def policy_in(folder: Path) -> Policy:
    return policy_of(load_fleet(folder), "oanda-gold")


def problems_in(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_fleet(folder)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_what_a_policy_leaves_out_comes_from_the_nearest_that_says_it(policies):
    policy = policy_in(policies())
    assert (policy.entry_score, policy.exit_score, policy.time_limit) == (0.7, 0.5, timedelta(days=1))
    assert policy.sizing.model_dump()["fraction"] == Decimal("0.002")


def test_rules_are_merged_by_name_and_keep_the_place_of_the_first(policies):
    rules = policy_in(policies()).rules
    assert [rule.name for rule in rules] == ["stale_data", "cooldown", "leverage", "number_of_positions"]
    assert rules[1].model_dump()["period"] == timedelta(minutes=5)
    assert rules[0].model_dump()["quote_age"] == timedelta(seconds=30)


def test_a_description_is_of_its_own_policy(policies):
    assert load_fleet(policies()).policies["oanda-gold"].description == ""


def test_an_override_changes_the_completed_policy(policies):
    folder = policies()
    override = "overrides: {oanda-gold: {rules: [{name: leverage, limit: 2}]}}\n"
    (folder / "policy.yaml").write_text(POLICY + override)
    assert policy_in(folder).rules[2].model_dump() == {"limit": 2}


def test_two_ways_to_write_the_same_policy_have_the_same_version(policies, write):
    written_out = """\
policies:
  balanced:
    sizing: {name: fixed_fraction, parameters: {fraction: 0.002}}
    entry_score: 0.7
    exit_score: 0.5
    time_limit: 1d
    rules:
      - {name: stale_data, quote_age: 30s}
      - {name: cooldown, period: 5m}
      - {name: leverage, limit: 4}
      - {name: number_of_positions, limit: 3}
"""
    version = load_fleet(policies()).account("oanda-gold").config_version
    folder = write()
    (folder / "policy.yaml").write_text(written_out)
    assert load_fleet(folder).account("oanda-gold").config_version == version


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("extends: middle", "extends: midle",
     "policy.yaml:12: policies.balanced.extends: expected the name of a policy, found 'midle'; did you mean 'middle'?"),
    ("extends: middle", "extends: [middle]",
     "policy.yaml:12: policies.balanced.extends: expected the name of another policy, found a list"),
    ("extends: plain", "extends: balanced",
     "policy.yaml:12: policies.balanced.extends: expected a policy that does not extend 'balanced' itself, "
     "found balanced -> middle -> balanced"),
    ("extends: plain", "extends: middle",
     "policy.yaml:18: policies.middle.extends: expected a policy that does not extend 'middle' itself, "
     "found middle -> middle"),
    ("  exit_score: 0.5\n", "",
     "policy.yaml:8: policies.plain.exit_score: expected a number from 0 to 1, found nothing"),
    ("exit_score: 0.5", "exit_score: 5", "policy.yaml:4: defaults.exit_score: expected a number from 0 to 1, found 5"),
    ("exit_score: 0.5", "exit: 0.5",
     "policy.yaml:4: defaults.exit: expected a known key, found 'exit'; did you mean 'exits'?"),
    ("quote_age: 30s", "quote_aeg: 30s",
     "policy.yaml:6: defaults.rules[0].quote_aeg: expected a known key, found 'quote_aeg'; did you mean 'quote_age'?"),
    ("limit: 4", "limit: 0",
     "policy.yaml:22: policies.middle.rules[0].limit: expected a number greater than 0, found 0"),
    ("name: number_of_positions, limit: 3", "name: cooldown",
     "policy.yaml:15: policies.balanced.rules[1].name: expected each name once, found 'cooldown' on line 14 already"),
])  # fmt: skip
def test_a_mistake_is_told_where_it_stands(policies, old, new, problem):
    told = problems_in(policies(old, new))
    assert problem in told
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("defaults", ["defaults: 5\n", "defaults: {rules: 5}\n", "defaults: {rules: [5]}\n"])
def test_defaults_that_are_no_mapping_of_keys_are_told(write, defaults):
    folder = write()
    policy = folder / "policy.yaml"
    policy.write_text(defaults + policy.read_text())
    assert problems_in(folder)[0].startswith("policy.yaml:1: defaults")


LIMITS = [
    ("total_exposure", "multiple"), ("order_notional", "notional"), ("risk_per_trade", "fraction"),
    ("liquidation_distance", "stop_multiple"), ("duplicate_idea", "accounts"), ("price_collar", "close_bps"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
@pytest.mark.parametrize(("written", "found"), [
    ("", "nothing"), ("0", "0"), ("-1", "-1"), (".nan", ".nan"), (".inf", ".inf"), ("'NaN'", "'NaN'"),
    ("true", "true; true and false are not numbers"), ("wide", "'wide'"),
])  # fmt: skip
def test_a_limit_that_limits_nothing_is_refused_with_its_line(write, rule, limit, written, found):
    (problem,) = problems_in(
        write("policy.yaml", "total_exposure\n        multiple: 3", f"{rule}\n        {limit}: {written}")
    )
    assert problem.startswith(f"policy.yaml:12: policies.balanced.rules[0].{limit}: expected a ")
    assert problem.endswith(f", found {found}")
