"""Trades under numbers: counted from the oldest of an account, whatever is asked of them."""

from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.numbered_trades import NumberedTrade
from desk.adapters.ledger.tables import TradeRow
from tests.builders import CLOSE
from tests.console.stories import traded, traded_often


async def test_numbers_stay_whichever_part_of_the_list_is_asked_for(ledger: Ledger) -> None:
    await traded_often(ledger, ("90", "-40", "30"), account="first")
    await traded_often(ledger, ("10",), account="second")
    whole = await ledger.past_trades("first", skip=0, limit=9)
    assert [(one.number, one.trade.realised_profit) for one in whole] == [(1, 90), (2, -40), (3, 30)]
    assert await ledger.past_trades("first", skip=1, limit=1) == whole[1:2]
    assert (await ledger.count_past_trades("first"), await ledger.count_past_trades("nobody")) == (3, 0)
    assert whole[0].first_stop == Decimal("0.1")


async def test_what_is_open_has_its_number_and_its_value(ledger: Ledger) -> None:
    await traded(ledger)
    [found] = await ledger.open_trades("sample")
    assert (found.number, found.trade.closed_at) == (1, None)
    assert found.entry_value == found.trade.entry_notional
    assert found.first_stop is None
    assert await ledger.past_trades("sample", skip=0, limit=9) == await ledger.open_trades("nobody") == ()


def _row(opened_by: str, at: datetime, *, is_open: bool) -> TradeRow:
    return TradeRow(
        account="first",
        opened_by=opened_by,
        instrument="EUR/USD",
        strategy="breakout",
        side="buy",
        entry_order_id=opened_by,
        opened_at=at,
        closed_at=None if is_open else CLOSE + timedelta(days=1),
        entry_quantity=Decimal(1),
        entry_notional=Decimal(1),
        exit_quantity=Decimal(0 if is_open else 1),
        exit_notional=Decimal(0 if is_open else 1),
        realised_profit=Decimal(0),
        fees=Decimal(0),
        exit_reason="",
    )


async def test_trades_that_are_open_and_over_are_counted_together_also_where_they_began_at_once(ledger: Ledger) -> None:
    openness = {"h": False, "c": True, "a": False, "f": True, "b": False, "d": False, "g": False, "e": True}
    times = {name: CLOSE + timedelta(minutes="abcdefgh".index(name) // 3) for name in openness}
    async with ledger.database.write() as session:
        session.add_all([_row(name, times[name], is_open=is_open) for name, is_open in openness.items()])

    def told(found: tuple[NumberedTrade, ...]) -> dict[str, int]:
        return {one.trade.opened_by: one.number for one in found}

    assert told(await ledger.open_trades("first")) == {"c": 3, "e": 5, "f": 6}
    past = {"a": 1, "b": 2, "d": 4, "g": 7, "h": 8}
    assert told(await ledger.past_trades("first", skip=0, limit=9)) == past
    for skip, name in enumerate(past):
        assert told(await ledger.past_trades("first", skip=skip, limit=1)) == {name: past[name]}


async def test_for_what_is_open_nothing_that_is_over_is_looked_at(sqlite: Database) -> None:
    async with sqlite.write() as session:
        session.add_all(
            _row(f"{number:04}", CLOSE + timedelta(minutes=number), is_open=False) for number in range(3000)
        )
    async with sqlite.read() as session:
        connection = (await (await session.connection()).get_raw_connection()).driver_connection
    hundreds: list[int] = []
    connection._connection.set_progress_handler(lambda: hundreds.append(100), 100)
    assert await Ledger(sqlite, FixedClock(CLOSE)).open_trades("first") == ()
    assert sum(hundreds) < 3000, "steps of SQLite's machine: one for each trade would be as many at least"
