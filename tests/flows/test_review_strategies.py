"""The daily review: what has decayed is put into quarantine, and one ill account hides no other."""

import pytest
from sqlmodel import update

from desk.adapters.ledger.tables import TradeRow
from tests.console.stories import FALLING, traded_often

pytestmark = pytest.mark.prefect


@pytest.fixture
def review(desk):
    from flows.review_strategies import review_strategies

    policy = desk.installation.config / "policy.yaml"
    policy.write_text(policy.read_text().replace("  shut: {<<: *policy,", "  shut: {<<: *policy, monitor: {},"))
    policy.write_text(policy.read_text().replace("rules: [{", "monitor: {window: 5, earlier: 20}\n    rules: [{", 1))
    made = review_strategies.with_options(result_storage=desk.installation.home / "results")
    return lambda: made(return_state=True)


async def test_what_has_decayed_is_put_into_quarantine_and_people_are_told_once(desk, review):
    await traded_often(desk.installation.ledger, FALLING, account="trader")
    state = await review()
    told = "4 accounts were reviewed, new in quarantine: momentum_trading of trader"
    assert (state.is_completed(), state.message) == (True, told)
    [message] = desk.installation.told
    assert message.title == "trader: momentum_trading is in quarantine"
    [found] = await desk.installation.ledger.restrictions("trader", "oanda")
    assert (found.who, found.scope.strategy) == ("monitor", "momentum_trading")
    assert (await review()).message == "4 accounts were reviewed"
    assert len(desk.installation.told) == 1


async def test_a_quarantine_that_nobody_could_be_told_of_fails_the_run(desk, review):
    await traded_often(desk.installation.ledger, FALLING, account="trader")
    desk.installation.notifier.fails = ConnectionError("no route")
    state = await review()
    assert (state.is_failed(), state.message) == (True, "1 of 4 accounts need to be looked at: trader")
    assert len(await desk.installation.ledger.restrictions("trader", "oanda")) == 1


async def test_an_account_that_cannot_be_reviewed_keeps_no_other_from_it_even_where_nobody_can_be_told(desk, review):
    ledger = desk.installation.ledger
    for account in ("trader", "planner"):
        await traded_often(ledger, FALLING, account=account)
    async with ledger.database.write() as session:
        await session.exec(update(TradeRow).where(TradeRow.account == "trader").values(side="odd"))
    desk.installation.notifier.fails = ConnectionError("no route")
    state = await review()
    assert (state.is_failed(), state.message) == (True, "2 of 4 accounts need to be looked at: trader, planner")
    assert len(await ledger.restrictions("planner", "oanda")) == 1
