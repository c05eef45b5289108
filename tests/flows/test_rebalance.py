"""The daily look at how the fleet's money is shared out: people are told, and money moves where they said so."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.reconciling import reconcile_account
from desk.model.moves import MoveState, Worth
from desk.portfolio.carrying import CarryingLimits, plan_move

pytestmark = pytest.mark.prefect

WISHES = """\
targets: {trader: {weight: 0.5}, holder: {weight: 0.5}}
transfers: {minimum: 1, maximum: 1000, together: 1000}
"""


@pytest.fixture
def rebalance(desk):
    from flows.rebalance import rebalance

    (desk.installation.config / "portfolio.yaml").write_text(WISHES)
    made = rebalance.with_options(result_storage=desk.installation.home / "results")
    return lambda: made(return_state=True)


async def test_people_are_told_what_would_bring_money_to_where_it_should_be(desk, rebalance):
    ledger, now = desk.installation.ledger, datetime.now(UTC) - timedelta(minutes=1)
    for account, equity in (("trader", 1500), ("holder", 500)):
        lease = await ledger.acquire_lease(account, "run-1", now, timedelta(minutes=2), venue="oanda")
        await ledger.release_lease(lease)
        await ledger.record_equity(account, now, Decimal(equity), Decimal(equity))
    state = await rebalance()
    assert (state.is_completed(), state.message) == (True, "1 actions are proposed, 0 cannot be")
    [message] = desk.installation.told
    assert "move 500.00 USD from trader to holder: holder works with 500.00 of 2,000.00 USD" in message.body
    assert await ledger.audit_entries() == ()


ALONE = """\
targets: {trader: {weight: 0.4}, holder: {weight: 0.6}}
transfers: {minimum: 1, maximum: 20_000, together: 20_000}
carry_out: true
carrying: {minimum: 1, maximum: 20_000, a_day: 20_000, givers: [trader], in_the_flow: true}
"""


async def valued(ledger):
    now = datetime.now(UTC) - timedelta(minutes=1)
    for account in ("trader", "holder"):
        lease = await ledger.acquire_lease(account, "run-1", now, timedelta(minutes=2), venue="oanda")
        await ledger.release_lease(lease)
        await ledger.record_equity(account, now, Decimal(100_000), Decimal(100_000))


async def test_money_is_moved_without_anybody_being_asked_only_where_the_file_says_so(desk, rebalance):
    await valued(desk.installation.ledger)
    portfolio = desk.installation.config / "portfolio.yaml"
    portfolio.write_text(ALONE.replace("in_the_flow: true", "in_the_flow: false"))
    assert (await rebalance()).message == "1 actions are proposed, 0 cannot be"
    assert await desk.installation.ledger.audit_entries() == ()
    portfolio.write_text(ALONE)
    for account in ("trader", "holder"):
        await reconcile_account(account, run="before")
    state = await rebalance()
    assert (state.is_completed(), state.message) == (True, "1 moves were carried out, 0 actions are left to people")
    moved = desk.installation.told[-1]
    assert moved.title == "fleet: money was moved"
    assert "move 20,000.00 USD from trader to holder: done" in moved.body
    equity = {one.account: one.equity for one in await desk.installation.ledger.summaries()}
    assert equity == {"trader": 80_000, "holder": 120_000}
    for account, cash in (("trader", 80_000), ("holder", 120_000)):
        found = (await reconcile_account(account, run="after")).cash
        assert (found.venue, found.ledger, found.booked) == (cash, cash, None)


async def test_reconciling_the_fleet_asks_what_became_of_a_move_that_a_dead_run_has_sent(desk):
    from flows.reconcile import reconcile

    ledger, now = desk.installation.ledger, datetime.now(UTC)
    await valued(ledger)
    sent = plan_move(now.date(), "trader", "holder", Decimal(500), currency="USD", rate=Decimal(1))
    leases = [await ledger.acquire_lease(one, "dead", now, timedelta(0), venue="oanda") for one in sent.accounts]
    before = {one: Worth(now, Decimal(100_000), Decimal(100_000)) for one in sent.accounts}
    limits = CarryingLimits(Decimal(1), Decimal(500), Decimal(500), {"trader"})
    await ledger.store_move(sent)
    assert await ledger.start_move(sent, leases, limits, before=before, prepared="") == ""
    (desk.installation.config / "portfolio.yaml").write_text(ALONE)

    await reconcile.with_options(result_storage=desk.installation.home / "results")(return_state=True)

    assert (await ledger.store_move(sent)).state is MoveState.REFUSED
    [message] = desk.installation.told
    assert (message.title, "the venue never carried it out" in message.body) == ("fleet: money was not moved", True)
