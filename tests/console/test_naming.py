"""Words that stand for several accounts: an account, a group, a venue, or all."""

from pathlib import Path

import pytest

from console.failures import NotUnderstood
from console.naming import accounts_for, accounts_for_each
from desk.accounts import Fleet, load_fleet
from tests.console.conftest import Desk, Fill
from tests.console.stories import traded
from tests.console.test_reasons import one_cycle


@pytest.fixture
def fleet(grouped: Path) -> Fleet:
    return load_fleet(grouped / "config")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fresh", ("fresh",)),
        ("majors", ("sample", "resting")),
        ("oanda", ("sample", "fresh", "resting")),
        ("all", ("sample", "fresh", "resting")),
    ],
)
def test_a_word_stands_for_an_account_a_group_a_venue_or_all(fleet: Fleet, word: str, expected: tuple[str, ...]):
    assert accounts_for(fleet, word) == expected


def test_what_several_words_stand_for_is_named_once_in_their_order(fleet: Fleet):
    assert accounts_for_each(fleet, ["resting", "majors", "fresh", "all"]) == ("resting", "sample", "fresh")
    assert accounts_for_each(fleet, []) == ()


@pytest.mark.parametrize(("word", "near"), [("majosr", "majors"), ("sampel", "sample"), ("onda", "oanda")])
def test_a_word_that_stands_for_nothing_is_answered_with_the_nearest(fleet: Fleet, word: str, near: str):
    with pytest.raises(NotUnderstood, match=f"expected an account, a group, a venue or all, found '{word}'.*'{near}'"):
        accounts_for(fleet, word)


def test_commands_about_several_accounts_take_a_group(desk: Desk, grouped: Path, fill: Fill):
    fill(one_cycle)
    assert [row["account"] for row in desk("reasons", "majors", "--json").json] == ["sample"]
    assert desk("reasons", "fresh").out == "no scans\n"
    assert desk("reasons", "majosr").code == 2
    assert desk("costs", "majors").out == "no closed trades\n"
    assert desk("costs", "majosr").code == 2
    period = ("--from", "2030-01-01", "--to", "2030-01-02", "--recorded", "--json")
    assert desk("replay", "majors", *period).json == {"cycles": 0, "different": []}
    assert desk("replay", "majosr", *period).code == 2
    refused = desk("drill", "majors", "--venue", "aster")
    assert refused.code == 3
    assert "expected an account that can be drilled, found none" in refused.err


def test_accounts_and_their_state_are_listed_with_their_group(desk: Desk, grouped: Path, fill: Fill):
    fill(traded)
    lines = desk("accounts").out.splitlines()
    assert lines[0].split()[:2] == ["account", "group"]
    assert [line.split()[:2] for line in lines if line.startswith(("sample", "resting"))] == [
        ["sample", "majors"],
        ["resting", "majors"],
    ]
    for command in ("accounts", "status"):
        groups = {one["account"]: one["group"] for one in desk(command, "--json").json}
        assert groups == {"sample": "majors", "fresh": None, "resting": "majors"}


def test_where_nothing_is_grouped_the_table_says_nothing_of_groups(desk: Desk):
    assert "group" not in desk("accounts").out
