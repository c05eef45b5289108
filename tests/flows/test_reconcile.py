"""The flow that reconciles: one account or the fleet, never beside a scan, and one ill account hides no other."""

from datetime import timedelta

import pytest

from blocks.reconciling import reconcile_account
from desk.adapters.clocks import SystemClock
from desk.errors import VenueUnavailable
from desk.model.cycle import CycleState
from tests.flows.installation import AT

pytestmark = pytest.mark.prefect


@pytest.fixture
def reconcile(desk):
    from flows.reconcile import reconcile

    made = reconcile.with_options(result_storage=desk.installation.home / "results")
    return lambda account: made(account, return_state=True)


async def test_an_account_that_traded_is_reconciled_and_nothing_is_told(desk, reconcile):
    await desk.scan("trader")
    told = len(desk.installation.told)
    state = await reconcile("trader")
    assert (state.is_completed(), state.message) == (True, "1 accounts were reconciled")
    assert len(desk.installation.told) == told


async def test_an_account_that_cannot_be_reconciled_fails_the_run_and_the_others_are_looked_at(desk, reconcile):
    ledger, now = desk.installation.ledger, SystemClock().now()
    other = await ledger.acquire_lease("trader", "a", now, timedelta(minutes=1), venue="oanda", books="another world")
    assert other is not None
    await ledger.release_lease(other)

    state = await reconcile("fleet")

    assert (state.is_failed(), state.message) == (True, "1 of 3 accounts could not be reconciled: trader")
    assert desk.installation.opened.reconciled == {"holder", "player"}
    [message] = desk.installation.told
    assert (message.title, message.severity) == ("trader: not reconciled", "error")
    assert "desk reconcile trader" in message.body


async def test_an_account_is_not_reconciled_while_another_run_holds_it(desk):
    now = SystemClock().now()
    ledger = desk.installation.ledger
    lease = await ledger.acquire_lease("trader", "a scan", now, timedelta(minutes=1), venue="oanda", books="paper")
    assert lease is not None
    assert await reconcile_account("trader", run="reconciliation") is None
    await ledger.release_lease(lease)
    assert await reconcile_account("trader", run="reconciliation") is not None


async def test_the_first_scan_of_a_process_compares_everything_and_the_next_one_does_not(desk):
    opened = desk.installation.opened
    assert "trader" not in opened.reconciled
    await desk.scan("trader")
    assert "trader" in opened.reconciled


async def test_nothing_is_traded_while_the_first_look_fails(desk):
    desk.installation.sabotage("trader", task="repair_books", error=VenueUnavailable("fake", "quotes"))
    await desk.scan("trader", AT)
    record = await desk.installation.record("trader")
    assert record.state in (CycleState.NO_TRADE, CycleState.FAILED)
    assert await desk.installation.ledger.orders("trader") == ()
    assert "trader" not in desk.installation.opened.reconciled
