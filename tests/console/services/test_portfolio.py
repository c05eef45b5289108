"""What the fleet is worth and a plan for it, from the ledger alone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from console.services.portfolio import AccountWorth, FleetPortfolio, fleet_portfolio
from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import Mode
from desk.model.moves import MoveState
from desk.portfolio.carrying import plan_move
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.test_portfolio import two_valued, wishes

__all__ = ["wishes"]


async def moved(ledger: Ledger) -> None:
    await two_valued(ledger)
    move = plan_move(CLOSE.date(), "sample", "fresh", Decimal(250), currency="USD", rate=Decimal(1))
    assert not isinstance(move, str), move
    await ledger.store_move(move)


def test_accounts_are_worth_what_was_seen_last_beside_what_they_should_be(
    ask: Ask[FleetPortfolio], wishes: None, fill: Fill
) -> None:
    fill(two_valued)
    found = ask(fleet_portfolio)
    paper, dry_run = found.worlds
    assert (paper.mode, paper.worth, paper.unknown, dry_run.mode) == (Mode.PAPER, 10_000, ("coins",), Mode.DRY_RUN)
    sample, fresh, coins = paper.accounts
    assert (sample.worth, sample.share, sample.target, sample.is_outside) == (
        6000,
        Decimal("0.6"),
        Decimal("0.3"),
        True,
    )
    assert (fresh.share, fresh.is_fresh, coins.equity, coins.share) == (Decimal("0.4"), True, None, None)
    assert [(one.currency, one.equity, one.accounts) for one in paper.currencies] == [("USD", 10_000, 2)]


def test_a_plan_has_what_the_terminal_proposes_but_for_what_a_venue_would_be_asked(
    ask: Ask[FleetPortfolio], wishes: None, fill: Fill
) -> None:
    fill(two_valued)
    found = ask(fleet_portfolio)
    transfer, reallocation = found.actions
    assert (transfer.what, transfer.amount) == ("move 1,000.00 USD from sample to fresh", Decimal(1000))
    assert "wanted 0.7 within 0.1" in transfer.why
    assert (reallocation.source, reallocation.before, reallocation.after) == ("sample", 1, Decimal("0.6"))
    assert [(one.account, one.currency, one.below) for one in found.needs] == [("coins", "BTC", Decimal("0.01"))]
    assert (found.is_planned, found.may_move) == (True, False)


async def one_valued(ledger: Ledger) -> None:
    now = datetime.now(UTC)
    assert await ledger.acquire_lease("sample", "run-1", now, timedelta(minutes=2), venue="oanda")
    await ledger.record_equity("sample", now, Decimal(6000), Decimal(6000))


def test_nobody_has_a_share_while_an_account_that_should_have_one_is_not_known(
    ask: Ask[FleetPortfolio], wishes: None, fill: Fill
) -> None:
    fill(one_valued)
    paper = ask(fleet_portfolio).worlds[0]
    assert (paper.worth, paper.unknown) == (6000, ("fresh", "coins"))
    assert [(one.share, one.is_outside) for one in paper.accounts] == [(None, False)] * 3


def test_a_share_is_what_sizing_counts_on(ask: Ask[FleetPortfolio], wishes: None, fill: Fill, home: Path) -> None:
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("  sample:\n", "  sample:\n    allocation: 0.5\n"))
    fill(two_valued)
    sample, fresh, _ = ask(fleet_portfolio).worlds[0].accounts
    assert (sample.worth, sample.share, fresh.share) == (6000, Decimal("0.3"), Decimal("0.4"))


def test_what_no_rate_is_known_for_has_no_worth_and_neither_has_its_currency(
    ask: Ask[FleetPortfolio], wishes: None, fill: Fill
) -> None:
    async def coined(ledger: Ledger) -> None:
        await two_valued(ledger)
        now = datetime.now(UTC)
        assert await ledger.acquire_lease("coins", "run-1", now, timedelta(minutes=2), venue="kucoin")
        await ledger.record_equity("coins", now, Decimal(500), Decimal(500))

    fill(coined)
    paper = ask(fleet_portfolio).worlds[0]
    assert [(one.currency, one.equity, one.worth) for one in paper.currencies] == [
        ("USD", 10_000, 10_000),
        ("USDT", 500, None),
    ]
    assert (paper.worth, paper.unknown) == (10_000, ("coins",))


@pytest.mark.parametrize(
    ("share", "is_outside"), [("0.29", True), ("0.3", False), ("0.5", False), ("0.7", False), ("0.71", True)]
)
def test_who_is_as_far_from_the_target_as_the_band_allows_is_within_it(share: str, is_outside: bool) -> None:
    found = AccountWorth(
        account="sample",
        currency="USD",
        equity=Decimal(1),
        worth=Decimal(1),
        allocation=Decimal(1),
        share=Decimal(share),
        target=Decimal("0.5"),
        band=Decimal("0.2"),
        seen_at=CLOSE,
        is_fresh=True,
    )
    assert found.is_outside is is_outside


def test_money_that_was_not_seen_for_a_day_is_shown_as_old_and_not_shared_out(
    ask: Ask[FleetPortfolio], wishes: None, fill: Fill
) -> None:
    fill(partial(two_valued, ago=timedelta(hours=25)))
    found = ask(fleet_portfolio)
    assert [one.is_fresh for one in found.worlds[0].accounts] == [False, False, False]
    assert (found.actions, found.worlds[0].worth) == ((), 10_000)
    assert found.notes == ("nothing is shared out, because the equity of sample, fresh is not known",)


def test_without_portfolio_yaml_the_fleet_is_worth_as_much_and_nothing_is_planned(
    ask: Ask[FleetPortfolio], fill: Fill
) -> None:
    fill(moved)
    found = ask(fleet_portfolio)
    assert (found.is_planned, found.actions, found.notes, found.needs) == (False, (), (), ())
    assert (found.worlds[0].worth, found.worlds[0].accounts[0].share) == (10_000, None)
    assert [(str(one.move), one.state) for one in found.moves] == [
        ("move 250.00 USD from sample to fresh", MoveState.PLANNED)
    ]
