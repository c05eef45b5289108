"""Placing as a task: what is too old by now is given up, not sent; what a closing order leaves is looked after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from blocks.account import AccountBlock
from desk.adapters.clocks import FixedClock
from desk.errors import AccessDenied, DataError, VenueUnavailable
from desk.model.cycle import Decision
from desk.model.orders import OrderState
from tasks.orders import place_orders, protect_rest
from tests.builders import intent
from tests.flows.installation import AT, CLOSE

pytestmark = pytest.mark.prefect


@pytest.mark.parametrize(
    ("after", "state"), [(timedelta(seconds=5), OrderState.FILLED), (timedelta(hours=1), OrderState.CANCELLED)]
)
async def test_an_order_is_sent_while_its_candle_is_fresh_and_given_up_afterwards(installation, as_flow, after, state):
    account = AccountBlock(name="trader").open(run="run-1", at=AT)
    account.clock = FixedClock(CLOSE + after)
    asked = replace(intent(quantity="100"), account="trader", candle_close=CLOSE)
    record = replace(account.fresh_record, decision=Decision(intents=(asked,)))

    @as_flow
    async def place():
        return await place_orders(account, record)

    async with account.held():
        (order,) = await place()

    assert order.state is state
    assert (len(await installation.ledger.fills("trader")) == 0) == (state is OrderState.CANCELLED)
    if state is OrderState.CANCELLED:
        assert "the candle closed 1:00:00 ago" in order.reason


class Failing:
    """A venue that answers every question with the same error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str):
        async def fail(*_values, **_more):
            raise self.error

        return fail


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (VenueUnavailable("fake", "fills"), False),
        (DataError("fake: no such currency"), False),
        (AccessDenied("fake", "fills", "401"), True),
    ],
)
async def test_what_cannot_be_read_leaves_the_rest_to_the_watch_and_a_denial_halts(installation, as_flow, error, ends):
    account = AccountBlock(name="trader").open(run="run-1", at=AT)
    account.trading = Failing(error)

    @as_flow
    async def protect():
        await protect_rest(account)
        return "looked after"

    if ends:
        with pytest.raises(AccessDenied):
            async with account.held():
                await protect()
    else:
        async with account.held():
            assert await protect() == "looked after"
