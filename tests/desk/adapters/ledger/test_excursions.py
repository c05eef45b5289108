"""The ways of trades in the ledger: kept with what is written anyhow, told beside the trade, empty where not known."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.trade_lists import ListedTrade, TradeQuestion
from desk.model.excursions import Excursion, Extremes
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill
from tests.builders import CLOSE, intent, snapshot
from tests.desk.adapters.ledger.builders import CONVERSION, fill, record

LATER = CLOSE + timedelta(minutes=5)
BOUGHT = fill(quantity="100", price="1.1", fee="0")
SOLD = fill("T2", order="sd-1-stop", side=Side.SELL, price="1.3", after=60, fee="0")
PART = replace(SOLD, venue_trade_id="T1a", quantity=Decimal(40), at=CLOSE + timedelta(seconds=30))
TURNED = replace(SOLD, quantity=Decimal(150))


async def book(ledger: Ledger, *fills: Fill) -> None:
    await ledger.store_intents([replace(intent(), barriers=Barriers(stop=Decimal("1.0")))])
    await ledger.book_fills("sample", fills, cursor="", conversion=CONVERSION, now=CLOSE)


def way(
    low: str, high: str, *, opened_at: datetime = CLOSE, since: datetime | None = CLOSE, minutes: int = 5
) -> Excursion:
    until = CLOSE + timedelta(minutes=minutes)
    return Excursion("EUR/USD", opened_at, Decimal(low), Decimal(high), since, until)


async def look(ledger: Ledger, *seen: Excursion, account: str = "sample") -> None:
    await ledger.record_equity(account, CLOSE, Decimal(100), Decimal(100), seen=seen)


async def listed(ledger: Ledger) -> list[ListedTrade]:
    return list(reversed(await ledger.trades_of(TradeQuestion(["sample"]), before=None, limit=9)))


async def extremes(ledger: Ledger) -> list[Extremes | None]:
    return [one.extremes for one in await listed(ledger)]


def between(worst: str, best: str) -> Extremes:
    return Extremes(Decimal(worst), Decimal(best))


async def test_the_worst_and_the_best_are_told_of_a_trade_whose_way_was_seen(ledger: Ledger) -> None:
    await book(ledger, BOUGHT)
    await look(ledger, replace(way("1", "2"), instrument="XAU/USD"), way("1", "2", opened_at=LATER, since=LATER))
    await look(ledger, way("1", "2"), account="other")
    (one,), (numbered,) = await listed(ledger), await ledger.open_trades("sample")
    assert (one.extremes, one.mae, one.mfe, numbered.extremes) == (None, None, None, None)

    await look(ledger, way("1.05", "1.2"))
    (one,), (numbered,) = await listed(ledger), await ledger.open_trades("sample")
    assert (one.extremes, one.mae, one.mfe, one.risk) == (between("1.05", "1.2"), Decimal(-5), Decimal(10), Decimal(10))
    assert numbered.extremes == one.extremes


async def test_what_a_cycle_saw_is_committed_with_its_decision_and_not_in_its_snapshot(ledger: Ledger) -> None:
    await book(ledger, BOUGHT)
    seen = replace(record(), snapshot=snapshot(excursions=(way("1.05", "1.2"),)))
    for _ in range(2):
        await ledger.record_cycle(seen, now=LATER)
    assert await extremes(ledger) == [between("1.05", "1.2")]
    found = await ledger.cycle(seen.key)
    assert found is not None
    assert found.snapshot == snapshot()


async def test_looks_only_add_until_a_part_of_the_way_is_missed(ledger: Ledger) -> None:
    await book(ledger, BOUGHT)
    await look(ledger, way("1.01", "1.3", since=CLOSE + timedelta(minutes=1)))
    await look(ledger, way("1.3", "1.3", since=None))
    assert await extremes(ledger) == [None]
    await look(ledger, way("1.05", "1.2"))
    await look(ledger, way("1.1", "1.15", minutes=10))
    assert await extremes(ledger) == [between("1.05", "1.2")]
    await look(ledger, way("1.25", "1.25", since=None))
    assert await extremes(ledger) == [between("1.05", "1.25")]
    await look(ledger, way("1.1", "1.15", since=CLOSE + timedelta(minutes=11), minutes=20))
    assert await extremes(ledger) == [None]


async def test_a_part_that_is_closed_ends_no_way_and_a_turn_begins_another(ledger: Ledger) -> None:
    turned = CLOSE + timedelta(minutes=1)
    await book(ledger, BOUGHT, replace(PART, price=Decimal("1.15")))
    await look(ledger, way("1.05", "1.2"))
    assert await extremes(ledger) == [between("1.05", "1.2")]
    await book(ledger, TURNED)
    await look(ledger, way("1.2", "1.35", opened_at=turned, since=turned))
    assert await extremes(ledger) == [between("1.05", "1.24"), between("1.35", "1.2")]
    (numbered,) = await ledger.past_trades("sample", skip=0, limit=9)
    assert numbered.extremes == between("1.05", "1.24")


async def test_a_fill_that_comes_late_leaves_the_way_where_it_was(ledger: Ledger) -> None:
    await book(ledger, BOUGHT, SOLD)
    await look(ledger, way("1.05", "1.2"))
    await book(ledger, replace(PART, venue_trade_id="T0", price=Decimal("1.2")))
    closed, turned = await listed(ledger)
    assert (closed.extremes, closed.trade.exit_quantity, turned.extremes) == (
        between("1.05", "1.26"),
        Decimal(100),
        None,
    )
