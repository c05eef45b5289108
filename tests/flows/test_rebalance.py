"""The daily look at how the fleet's money is shared out: people are told, nothing is moved."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

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
