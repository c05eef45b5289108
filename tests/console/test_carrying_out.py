"""`desk portfolio carry-out`: money moves between accounts on paper once, after a typed word, within its limits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import typer

from desk.adapters.ledger.ledger import Ledger
from tests.console.conftest import Desk, Fill

PORTFOLIO = """\
targets:
  sample: {weight: 0.3}
  fresh: {weight: 0.7}
transfers: {minimum: 50, maximum: 4000, together: 4000}
carry_out: true
carrying: {minimum: 100, maximum: 5000, a_day: 6000, givers: [sample]}
"""
CASH = Decimal("10000.10")


async def both_valued(ledger: Ledger) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    for account in ("sample", "fresh"):
        lease = await ledger.acquire_lease(account, "run-1", now, timedelta(minutes=2), venue="oanda")
        assert lease is not None
        await ledger.release_lease(lease)
        await ledger.record_equity(account, now, CASH, CASH)


@pytest.fixture
def allowed(home: Path, fill: Fill) -> Path:
    """A portfolio that may be carried out: 4,000.00 USD from sample to fresh."""
    path = home / "config" / "portfolio.yaml"
    path.write_text(PORTFOLIO)
    fill(both_valued)
    return path


def carried(desk: Desk) -> list[tuple[str, str]]:
    """What a script has carried out: the state of each move, and why."""
    found = desk("portfolio", "carry-out", "--yes", "--json").json["moves"]
    return [(one["state"], one["detail"]) for one in found]


def change(portfolio: Path, before: str, after: str) -> None:
    text = portfolio.read_text()
    assert before in text
    portfolio.write_text(text.replace(before, after))


def equities(desk: Desk) -> list[Decimal]:
    found = {one["account"]: one["equity"] for one in desk("status", "--json").json}
    return [Decimal(found[name]) for name in ("sample", "fresh")]


def test_money_moves_after_a_typed_word_and_is_not_planned_again(
    desk: Desk, allowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "by the desk: `desk portfolio carry-out`" in desk("portfolio").out
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "1 move")
    said = desk("portfolio", "carry-out")
    assert (said.code, "move 4,000.00 USD from sample to fresh: done" in said.out) == (0, True)
    assert equities(desk) == [CASH - 4000, CASH + 4000]
    assert desk("portfolio", "--json").json["actions"] == []
    again = desk("portfolio", "carry-out", "--yes")
    assert (again.code, again.out) == (0, "there is nothing that the desk can carry out\n")


def test_what_was_moved_is_neither_won_nor_lost(desk: Desk, allowed: Path) -> None:
    assert carried(desk) == [("done", "")]
    today = {one["account"]: one["day_profit"] for one in desk("status", "--json").json}
    assert (Decimal(today["sample"]), Decimal(today["fresh"])) == (0, 0)


def test_any_other_word_moves_nothing(desk: Desk, allowed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "yes")
    said = desk("portfolio", "carry-out")
    assert (said.code, "expected '1 move', found another text; nothing was moved." in said.out) == (1, True)
    assert equities(desk) == [CASH, CASH]


def test_a_program_that_cannot_be_asked_has_to_say_yes(desk: Desk, allowed: Path) -> None:
    said = desk("portfolio", "carry-out", "--json")
    assert (said.code, "expected --yes with it" in said.err) == (2, True)


def test_without_the_word_in_the_file_everything_stays_with_a_person(desk: Desk, allowed: Path) -> None:
    change(allowed, "carry_out: true", "carry_out: false")
    found = desk("portfolio", "carry-out", "--yes", "--json").json
    why = "by hand, at the venue: portfolio.yaml does not say `carry_out: true`: the desk moves no money"
    assert [one["why"] for one in found["left"] if one["what"].startswith("move")] == [why]
    assert equities(desk) == [CASH, CASH]


def test_a_limit_of_the_file_leaves_a_move_unsent(desk: Desk, allowed: Path) -> None:
    change(allowed, "givers: [sample]", "givers: [fresh]")
    assert carried(desk) == [("planned", "sample is not among the `givers` of portfolio.yaml")]
    assert equities(desk) == [CASH, CASH]


def test_a_halt_leaves_a_move_unsent_until_it_is_lifted(desk: Desk, allowed: Path) -> None:
    desk("halt", "fleet", "--why", "a storm")
    [(state, detail)] = carried(desk)
    assert (state, "TRADING_HALTED: a storm" in detail) == ("planned", True), detail
    desk("resume", "fleet")
    assert carried(desk) == [("done", "")]
