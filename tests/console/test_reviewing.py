"""`desk review`: which strategies have decayed, and what is done about it."""

from pathlib import Path

import pytest

from desk.adapters.ledger.ledger import Ledger
from tests.console.conftest import Desk, Fill
from tests.console.stories import FALLING, MONITOR, traded_often


@pytest.fixture
def falling(home: Path, fill: Fill) -> None:
    """A policy with a monitor, and trades that fell off."""

    async def story(ledger: Ledger) -> None:
        await traded_often(ledger, FALLING)

    policy = home / "config" / "policy.yaml"
    policy.write_text(policy.read_text() + MONITOR)
    fill(story)


def test_a_plan_says_what_is_found_and_changes_nothing(desk: Desk, falling: None) -> None:
    said = desk("review", "--plan", "--json")
    first, *others = said.json
    assert said.code == 1
    assert (first["account"], first["strategy"], first["decayed"], first["quarantined"]) == (
        "sample", "momentum_trading", True, False,
    )  # fmt: skip
    assert first["recent"]["trades"] == 5
    assert [(one["account"], one["decayed"], one["chance"]) for one in others] == [("fresh", False, None)]
    assert desk("states").out == "everything is active\n"


def test_what_has_decayed_is_put_into_quarantine_once_and_a_person_lets_it_go_on(desk: Desk, falling: None) -> None:
    said = desk("review", "sample")
    assert (said.code, "quarantined now" in said.out) == (1, True)
    [state] = desk("states", "--json").json
    assert (state["scope"], state["state"], state["who"]) == (
        "account:sample/strategy:momentum_trading", "reduce_only", "monitor",
    )  # fmt: skip
    assert state["why"].startswith("decay: last 5 trades -0.72 R on the mean, 20 before them +1.20 R")
    assert "quarantined now" not in desk("review", "sample").out
    assert desk("resume", state["scope"]).code == 0
    assert desk("review", "sample", "--json").json[0]["decayed"] is False
    assert desk("states").out == "everything is active\n"


def test_without_a_monitor_nothing_is_judged(desk: Desk, fill: Fill) -> None:
    said = desk("review")
    assert (said.code, said.out.startswith("no active account has a policy with a monitor")) == (0, True)


def test_an_account_without_a_monitor_is_not_spoken_of_as_if_none_had_one(desk: Desk, fill: Fill) -> None:
    assert desk("review", "sample").out.startswith("the policy of sample has no monitor")


def test_an_account_that_is_not_there_is_told_with_the_nearest(desk: Desk, fill: Fill) -> None:
    said = desk("review", "sampel")
    assert (said.code, "did you mean 'sample'" in said.err) == (2, True)
