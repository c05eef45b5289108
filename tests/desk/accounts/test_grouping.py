"""Accounts that are named together: what a group is called, who is in it, and that it decides nothing."""

from pathlib import Path

import pytest

from desk.accounts import Fleet, load_fleet
from desk.accounts.showing import resolved
from desk.errors import ConfigError
from tests.console.conftest import ACCOUNTS, POLICY

SAMPLE, FRESH, RESTING = ("  sample:\n", "  fresh:\n", "  resting:\n")
LINE_OF_FRESH = ACCOUNTS.splitlines().index("  fresh:") + 1


def loaded(directory: Path, **groups: str) -> Fleet:
    text = ACCOUNTS
    for name, group in groups.items():
        text = text.replace(f"  {name}:\n", f"  {name}:\n    group: {group}\n")
    (directory / "accounts.yaml").write_text(text, encoding="utf-8")
    (directory / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return load_fleet(directory)


def problem(directory: Path, **groups: str) -> str:
    with pytest.raises(ConfigError) as raised:
        loaded(directory, **groups)
    return str(raised.value)


def test_nobody_has_to_group_accounts(tmp_path: Path) -> None:
    fleet = loaded(tmp_path)
    assert fleet.groups == {}
    assert "group" not in resolved(fleet, "sample")


def test_a_group_has_its_accounts_in_the_order_of_the_file(tmp_path: Path) -> None:
    fleet = loaded(tmp_path, sample="majors", fresh="alone", resting="majors")
    assert dict(fleet.groups) == {"majors": ("sample", "resting"), "alone": ("fresh",)}
    assert resolved(fleet, "sample")["group"] == "majors"


def test_a_group_for_all_accounts_may_be_a_default(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS.replace("{venue: oanda", "{group: mine, venue: oanda"))
    assert load_fleet(tmp_path).groups == {"mine": ("sample", "fresh", "resting")}
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS.replace("{venue: oanda", "{group: fresh, venue: oanda"))
    with pytest.raises(ConfigError) as raised:
        load_fleet(tmp_path)
    (line,) = str(raised.value).splitlines()
    assert "accounts.yaml:1: defaults.group: expected a name that nothing else has" in line


@pytest.mark.parametrize(
    ("group", "taken"),
    [
        ("fresh", f"the account on line {LINE_OF_FRESH + 1}"),
        ("sample", "the account on line 7"),
        ("oanda", "a venue, which stands for every account there"),
        ("aster", "a venue, which stands for every account there"),
        ("all", "which stands for every account"),
        ("fleet", "which stands for every account"),
    ],
)
def test_a_name_that_stands_for_something_else_is_refused_with_its_line_and_another_name(
    tmp_path: Path, group: str, taken: str
) -> None:
    told = problem(tmp_path, sample=group)
    assert told == (
        f"{tmp_path / 'accounts.yaml'}:8: accounts.sample.group: expected a name that nothing else has, "
        f"found '{group}', {taken}; call the group '{group}-group', or anything else"
    )


@pytest.mark.parametrize("group", ["Majors", "m", "two words", "a_b", "7.5"])
def test_a_group_is_spelled_like_an_account(tmp_path: Path, group: str) -> None:
    told = problem(tmp_path, sample=group)
    assert (
        "accounts.yaml:8: accounts.sample.group: expected a name of 2 to 40 small letters, digits and hyphens" in told
    )


def test_a_group_changes_no_version_so_that_an_arm_stays(tmp_path: Path) -> None:
    before, after = loaded(tmp_path), loaded(tmp_path, sample="majors")
    assert before.account("sample").config_version == after.account("sample").config_version
