"""`desk portfolio carry-out`: money moves between accounts on paper once, after a typed word, within its limits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer

from desk.adapters.ledger.ledger import Ledger
from desk.model.books import TradingState
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


def figures(desk: Desk) -> dict[str, str]:
    return {one["account"]: one["equity"] for one in desk("status", "--json").json["accounts"]}


def carried(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk("portfolio", "carry-out", "--yes", "--json").json["moves"]
    return found


def test_money_moves_after_a_typed_word_and_is_not_planned_again(
    desk: Desk, allowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "by the desk: `desk portfolio carry-out`" in desk("portfolio").out
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "1 move")
    said = desk("portfolio", "carry-out")
    assert (said.code, "move 4,000.00 USD from sample to fresh: done" in said.out) == (0, True)
    print(desk("portfolio").out)
    print(desk("status").out)


def test_any_other_word_moves_nothing(desk: Desk, allowed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "yes")
    said = desk("portfolio", "carry-out")
    assert (said.code, "expected '1 move', found another text; nothing was moved." in said.out) == (1, True)
