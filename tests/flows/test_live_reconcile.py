"""Reconciliation of live accounts over real HTTP: what was traded by hand is seen at every venue, and dealt with."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pytest

from blocks.account import AccountBlock
from blocks.reconciling import reconcile_account
from desk.model.externals import ExternalKind
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderState, OrderType
from desk.model.reasons import Reason
from tests.flows.test_live_scan import VENUES, Truth, addresses, truth

__all__ = ["addresses", "truth"]

pytestmark = pytest.mark.prefect

QUANTITIES = {"EUR/USD": Decimal(100)}


async def trade_by_hand(truth: Truth) -> Decimal:
    """Buy as a person does: at the venue, without the ledger."""
    account = AccountBlock(name="trader").open(run="hand")
    quantity = QUANTITIES.get(truth.venue.instrument, Decimal("0.01"))
    by_hand = OrderIntent(
        client_order_id="byhand0000000001",
        account="trader",
        strategy="",
        instrument=truth.venue.instrument,
        candle_close=account.key.candle_close,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=quantity,
    )
    assert (await account.trading.submit(by_hand)).state in (OrderState.FILLED, OrderState.ACKED)
    return quantity


def declare(desk, externals: str) -> None:
    file = desk.installation.config / "accounts.yaml"
    written = json.loads(file.read_text())
    written["accounts"]["trader"]["externals"] = externals
    file.write_text(json.dumps(written))


def held(truth: Truth) -> Sequence[Decimal]:
    accounts = truth.admin.get("/truth", params={"venue": truth.venue.dialect}).json()["accounts"]
    return [Decimal(one["quantity"]) for account in accounts for one in account["positions"]]


OANDA, COINBASE, KUCOIN, KUCOIN_FUTURES, ASTER = VENUES


@pytest.mark.parametrize("truth", [OANDA, COINBASE, KUCOIN_FUTURES], indirect=True, ids=lambda venue: venue.dialect)
async def test_an_account_that_traded_is_of_one_mind_with_its_venue_and_a_second_look_changes_nothing(desk, truth):
    await desk.scan("trader", None)
    before = await desk.installation.ledger.digest(), await desk.installation.ledger.audit_entries()
    for run in ("first", "second"):
        done = await reconcile_account("trader", run=run)
        assert done.is_clean, done
    assert (await desk.installation.ledger.digest(), await desk.installation.ledger.audit_entries()) == before


@pytest.mark.parametrize("truth", [KUCOIN], indirect=True, ids=lambda venue: venue.dialect)
async def test_a_position_that_was_opened_by_hand_is_left_alone(desk, truth):
    quantity = await trade_by_hand(truth)

    state = await desk.scan("trader", None)

    [no_trade] = (await _record(desk, state)).decision.no_trades
    assert no_trade.reason is Reason.EXTERNAL_POSITION
    assert [position.quantity for position in await desk.installation.ledger.positions("trader")] == [quantity]
    assert [external.kind for external in await desk.installation.ledger.externals("trader")] == [ExternalKind.POSITION]
    assert any("not by the desk" in message.body for message in desk.installation.told)


@pytest.mark.parametrize("truth", [ASTER], indirect=True, ids=lambda venue: venue.dialect)
async def test_a_position_that_was_opened_by_hand_is_closed_where_the_account_is_the_desks_alone(desk, truth):
    declare(desk, "flatten")
    await trade_by_hand(truth)

    done = await reconcile_account("trader", run="close")

    assert [order.state for order in done.closed] == [OrderState.FILLED], done
    assert await desk.installation.ledger.positions("trader") == ()
    again = await reconcile_account("trader", run="again")
    assert again.closed == ()
    assert not any(held(truth))


async def _record(desk, state):
    return await desk.installation.record("trader", datetime.fromisoformat(state.message.split()[1].rstrip(":")))
