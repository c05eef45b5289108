"""Pages of long lists: every row once, the newest first, whatever has the same time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.pages import Place
from desk.model.cycle import CycleKey
from desk.model.instrument import Side
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, fill, record

T = TypeVar("T")
STEP = timedelta(minutes=5)


async def turned(page: Callable[[Place | None], Awaitable[Sequence[T]]], place: Callable[[T], Place]) -> list[T]:
    """All rows, turned page by page."""
    found: list[T] = []
    before: Place | None = None
    while rows := await page(before):
        found += rows
        before = place(rows[-1])
    return found


async def test_cycles_are_turned_from_the_newest_to_the_oldest(ledger: Ledger) -> None:
    for step in range(5):
        await ledger.record_cycle(record(CycleKey("sample", CLOSE + step * STEP)), now=CLOSE)
    await ledger.record_cycle(record(CycleKey("other", CLOSE)), now=CLOSE)
    found = await turned(
        lambda before: ledger.cycle_page("sample", before=before, limit=2), lambda one: (one.key.candle_close, "")
    )
    assert [one.key.candle_close for one in found] == [CLOSE + step * STEP for step in (4, 3, 2, 1, 0)]


async def test_orders_of_one_candle_are_not_lost_between_pages(ledger: Ledger) -> None:
    await ledger.store_intents([replace(intent(f"sd-{n}"), account="sample") for n in range(5)])
    found = await turned(
        lambda before: ledger.order_page("sample", before=before, limit=2),
        lambda one: (one.intent.candle_close, one.intent.client_order_id),
    )
    assert [one.intent.client_order_id for one in found] == ["sd-4", "sd-3", "sd-2", "sd-1", "sd-0"]


async def test_trades_that_opened_together_are_not_lost_between_pages(ledger: Ledger) -> None:
    orders = [replace(intent(f"sd-{n}"), instrument=name) for n, name in enumerate(("EUR/USD", "GBP/USD", "XAU/USD"))]
    await ledger.store_intents(orders)
    fills = []
    for order in orders:
        bought = fill(f"B-{order.instrument}", order=order.client_order_id, instrument=order.instrument)
        sold = fill(
            f"S-{order.instrument}", side=Side.SELL, order=order.client_order_id, after=9, instrument=order.instrument
        )
        fills += [bought, sold]
    await ledger.book_fills("sample", tuple(fills), cursor="1", conversion=CONVERSION, now=CLOSE)
    found = await turned(
        lambda before: ledger.trade_page("sample", before=before, limit=1), lambda one: (one.opened_at, one.opened_by)
    )
    assert [one.instrument for one in found] == ["XAU/USD", "GBP/USD", "EUR/USD"]


async def test_equity_is_turned_from_the_newest_to_the_oldest(ledger: Ledger) -> None:
    for step in range(3):
        await ledger.record_equity("sample", CLOSE + step * STEP, Decimal(10_000 + step), Decimal(10_000))
    found = await turned(lambda before: ledger.equity_page("sample", before=before, limit=2), lambda one: (one.at, ""))
    assert [one.equity for one in found] == [10_002, 10_001, 10_000]
