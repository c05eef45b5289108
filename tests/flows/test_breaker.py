"""The breaker in a scan: what was lost stops entries in the same cycle, a loop ends at its limit, each is told once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.books import TradingState
from desk.model.cycle import CycleState
from desk.model.orders import OrderState
from tests.flows.installation import AT, CLOSE

pytestmark = pytest.mark.prefect

M5 = timedelta(minutes=5)


def limit(desk, keys: str) -> None:
    policy = desk.installation.config / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("    entry_score: 0.0001", f"    breaker: {{{keys}}}\n    entry_score: 0.0001"))


def told(desk) -> list[str]:
    return [message.title for message in desk.installation.told]


async def test_an_account_that_lost_too_much_opens_nothing_and_people_are_told_once(desk):
    limit(desk, "daily_loss_fraction: 0.03")
    await desk.installation.ledger.record_equity("trader", CLOSE.replace(hour=0), Decimal(110_000), Decimal(110_000))

    await desk.scan("trader")
    await desk.scan("trader", at=AT + M5)

    record = await desk.installation.record("trader")
    assert (record.state, record.orders) == (CycleState.HELD, ())
    assert record.snapshot.trading_state is TradingState.REDUCE_ONLY
    refused = record.decision.verdicts[0].findings[0]
    assert "0.09091 of the equity at the start of the UTC day is lost" in refused.detail
    assert told(desk) == ["trader: the breaker tripped, the account is reduce_only"]


async def test_orders_too_many_are_not_sent_and_people_are_told_at_its_end(desk):
    limit(desk, "orders_per_hour: 1")
    accounts = desk.installation.config / "accounts.yaml"
    many = "[EUR/USD, GBP/USD, USD/JPY, AUD/USD, USD/CAD, XAU/USD]"
    accounts.write_text(accounts.read_text(encoding="utf-8").replace("[EUR/USD, USD/JPY]", many))

    await desk.scan("trader")

    orders = await desk.installation.ledger.orders("trader")
    assert len(orders) > 2
    assert sorted(order.state for order in orders) == [OrderState.CANCELLED] * (len(orders) - 1) + [OrderState.FILLED]
    assert told(desk) == ["trader: the breaker tripped, the account is halted", f"trader: {len(orders)} orders"]
    assert await desk.installation.ledger.trading_state("trader", "oanda") is TradingState.HALTED
