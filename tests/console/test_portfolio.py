"""`desk portfolio`: what would bring the fleet's money to where it should be, and what a person does for it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from desk.adapters.ledger.ledger import Ledger
from tests.console.conftest import Desk, Fill

ACCOUNT = """\
  coins:
    venue: kucoin
    currency: USDT
    instruments: [ETH/USDT]
    strategies: [{name: breakout}]
    schedule: {every: 5m}
"""
PORTFOLIO = """\
targets:
  sample: {weight: 0.3}
  fresh: {weight: 0.7, band: 0.1}
transfers: {minimum: 50, maximum: 1000, together: 1000}
conversions:
  - {account: coins, currency: BTC, instrument: BTC/USDT, below: 0.01, up_to: 0.02, maximum: 0.05}
"""


async def two_valued(ledger: Ledger, ago: timedelta = timedelta(minutes=5)) -> None:
    now = datetime.now(UTC) - ago
    for account, equity in (("sample", 6000), ("fresh", 4000)):
        lease = await ledger.acquire_lease(account, "run-1", now, timedelta(minutes=2), venue="oanda")
        assert lease is not None
        await ledger.release_lease(lease)
        await ledger.record_equity(account, now, Decimal(equity), Decimal(equity))


@pytest.fixture
def wishes(home: Path) -> None:
    """A portfolio, and an account that may lack a coin."""
    accounts = home / "config" / "accounts.yaml"
    text = accounts.read_text().replace("venues:\n", "venues:\n  kucoin: {maker_fee_bps: 10, taker_fee_bps: 10}\n")
    accounts.write_text(text + ACCOUNT)
    (home / "config" / "portfolio.yaml").write_text(PORTFOLIO)


@pytest.fixture
def wished(wishes: None, fill: Fill) -> None:
    """The same, and what the accounts have is known."""
    fill(two_valued)


def test_a_plan_says_what_why_and_who_does_it(desk: Desk, wished: None) -> None:
    said = desk("portfolio")
    assert said.code == 0
    assert "move 1,000.00 USD from sample to fresh" in said.out
    assert "because fresh works with 4,000.00 of 10,000.00 USD, 0.400; wanted 0.7 within 0.1" in said.out
    assert "lower the allocation of sample from 1 to 0.60" in said.out
    assert "buy 0.02 BTC in coins at BTC/USDT" in said.out
    found = desk("portfolio", "plan", "--json").json
    assert [one["kind"] for one in found["actions"]] == ["transfer", "reallocation", "conversion"]
    assert found["actions"][0]["amount"] == "1000.00"


def test_a_conversion_is_proposed_to_a_person_and_never_sent(desk: Desk, wished: None) -> None:
    said = desk("portfolio").out.splitlines()
    told = said.index("buy 0.02 BTC in coins at BTC/USDT")
    assert said[told + 2] == "  by hand, at the venue: the desk sends no order for it"
    assert desk("portfolio", "apply", "--confirm").code == 2
    assert desk("orders", "coins", "--json").json["rows"] == []
    assert desk("positions", "coins", "--json").json["rows"] == []


def test_money_that_was_not_seen_for_a_day_is_not_shared_out(desk: Desk, wishes: None, fill: Fill) -> None:
    fill(partial(two_valued, ago=timedelta(hours=25)))
    notes = desk("portfolio", "--json").json["notes"]
    assert notes == ["nothing is shared out, because the equity of sample, fresh is not known"]


def test_without_a_portfolio_it_says_so(desk: Desk, fill: Fill) -> None:
    assert desk("portfolio").out == "there is no portfolio.yaml beside accounts.yaml\n"
