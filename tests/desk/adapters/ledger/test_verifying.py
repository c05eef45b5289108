"""Verifying: a ledger that was written by the desk is sound, and each rule names the first row that breaks it."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.verifying import Check, verify
from desk.errors import LedgerError
from desk.execution.breaker import Limit, Trip
from desk.model.books import TradingState
from desk.model.orders import OrderState
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill
from tests.desk.adapters.ledger.scenarios import TTL, a_day, a_hard_day

FILLS = "every fill has its order, or is nobody's order of ours"
FILLED = "an order is filled by its fills"
EVENTS = "an order's events are all there, and legal"
POSITIONS = "positions are what the fills give"
TRADES = "trades are what the fills give"
CYCLES = "a cycle is complete"
WORDS = "every word and figure is one that the desk writes"
VALUES = "amounts, times and documents can be read"
ADJUSTMENTS = "an adjustment is its fills, and leads to what the venue held"
TRIPS = "a trip is possible, and in the audit"
FLATTENINGS = "a flattening is in the audit, and so is its end"
ARMS = "an arm is what the audit says last"
AUDIT = "the audit is as it was written"
ADJUSTED = "SELECT venue_trade_id FROM adjustment WHERE ledger_quantity = '0'"

PLANTED = [
    (FILLS, "UPDATE fill SET client_order_id = 'sd-lost' WHERE venue_trade_id = 'sample-T2'", "an order sd-lost"),
    (FILLS, "UPDATE fill SET instrument = 'XAU/USD' WHERE venue_trade_id = 'sample-T2'", "found ('XAU/USD', 'buy')"),
    (FILLS, "UPDATE fill SET side = 'sell' WHERE venue_trade_id = 'sample-T2'", "found ('EUR/USD', 'sell')"),
    (FILLED, "UPDATE \"order\" SET filled_quantity = '99' WHERE client_order_id = 'sd-sample-1500'", "found 99"),
    (FILLED, "UPDATE fill SET quantity = '41' WHERE venue_trade_id = 'sample-T2'", "quantity of 41, as its fills"),
    (FILLED, "DELETE FROM fill WHERE venue_trade_id = 'sample-T2'", "filled quantity of 0"),
    (EVENTS, "DELETE FROM order_event WHERE client_order_id = 'sd-sample-1500' AND sequence = 1", "found 0, 2"),
    (EVENTS, "DELETE FROM order_event WHERE client_order_id = 'sd-sample-planned'", "without a gap, found none"),
    (
        EVENTS,
        "UPDATE order_event SET state = 'filled' WHERE client_order_id = 'sd-sample-unknown' AND sequence = 1",
        "expected event 2 to be legal after filled, found unknown",
    ),
    (EVENTS, "UPDATE order_event SET state = 'sending' WHERE sequence = 0", "expected event 0 to be planned"),
    (EVENTS, "UPDATE \"order\" SET state = 'acked' WHERE client_order_id = 'sd-sample-1500'", "found acked with"),
    (POSITIONS, "UPDATE position SET quantity = '101'", "expected the quantity"),
    (POSITIONS, "UPDATE position SET cost = '1'", "expected the cost"),
    (POSITIONS, "DELETE FROM position", "expected one"),
    (TRADES, "UPDATE trade SET realised_profit = '5'", "expected the realised_profit"),
    (
        TRADES,
        "UPDATE trade SET exit_reason = 'target' WHERE closed_at IS NOT NULL AND instrument = 'EUR/USD'",
        "expected the exit_reason stop",
    ),
    (TRADES, "DELETE FROM trade", "expected one"),
    (CYCLES, "UPDATE cycle SET finished_at = NULL WHERE state = 'traded'", "a time of its end"),
    (CYCLES, "UPDATE cycle SET state = 'running' WHERE state = 'traded'", "a time of its end"),
    (CYCLES, "DELETE FROM verdict WHERE sequence = 0", "each verdict numbered from 0 without a gap, found 1"),
    (CYCLES, "DELETE FROM finding; DELETE FROM verdict WHERE sequence = 1", "2 verdicts, found 1"),
    (CYCLES, "DELETE FROM verdict", "found some of verdict 1"),
    (CYCLES, "DELETE FROM signal WHERE sequence = 0", "each signal numbered"),
    (
        CYCLES,
        "DELETE FROM \"order\" WHERE client_order_id = 'sd-sample-1500'",
        "expected its order sd-sample-1500, found none",
    ),
    (WORDS, "UPDATE \"order\" SET state = 'lost' WHERE client_order_id = 'sd-sample-1500'", "'lost' is not a valid"),
    (WORDS, "UPDATE fill SET quantity = '0' WHERE venue_trade_id = 'sample-T2'", "above 0, found 0"),
    (WORDS, "UPDATE fill SET reason = 'funding' WHERE venue_trade_id = 'sample-T2'", "expected no quantity, found"),
    (WORDS, "UPDATE trip SET \"limit\" = 'luck'", "'luck' is not a valid"),
    (WORDS, "UPDATE trip SET state = 'asleep'", "'asleep' is not a valid"),
    (WORDS, "UPDATE arm SET checks = '[1]'", "arm: 1 validation error"),
    (WORDS, "UPDATE universe_choice SET standings = '[1]'", "choice of 2026-01-14 15:00:00+00:00: 1 validation error"),
    (WORDS, "UPDATE flattening SET instruments = '{}'", "valid list"),
    (ADJUSTMENTS, f"DELETE FROM adjustment WHERE venue_trade_id = ({ADJUSTED})", "that explains it, found none"),
    (ADJUSTMENTS, f"DELETE FROM fill WHERE venue_trade_id = ({ADJUSTED})", "that were an adjustment, found"),
    (ADJUSTMENTS, "UPDATE fill SET reason = 'order' WHERE reason = 'adjustment'", "that were an adjustment, found 0"),
    (ADJUSTMENTS, "UPDATE adjustment SET instrument = 'EUR/USD'", "fills of EUR/USD that were an adjustment, found 0"),
    (ADJUSTMENTS, "UPDATE adjustment SET venue_quantity = '-2'", "expected fills that add up to"),
    (TRIPS, "UPDATE trip SET until = '2026-01-01T00:00:00.000000Z'", "expected until after"),
    (TRIPS, "UPDATE trip SET lifted_at = '2026-01-01T00:00:00.000000Z'", "expected lifted_at after"),
    (TRIPS, "UPDATE trip SET reference_equity = '100'", "or neither, found one"),
    (TRIPS, "UPDATE trip SET state = 'active'", "expected the audit to tell of it"),
    (
        TRIPS,
        "UPDATE trip SET \"limit\" = 'drawdown_fraction'",
        "trip drawdown_fraction: expected the audit to tell of it",
    ),
    (FLATTENINGS, "UPDATE flattening SET ended_at = NULL", "expected an end as the audit tells of one, found None"),
    (FLATTENINGS, "UPDATE flattening SET ended_at = begun_at", "expected an end only if the audit tells of one"),
    (FLATTENINGS, "DELETE FROM audit WHERE action = 'flatten begun'", "to tell that it was begun, found nothing"),
    (ARMS, "UPDATE arm SET config_version = 'beef'", "for configuration c0ffee, found ('me'"),
    (ARMS, "UPDATE arm SET who = 'them'", "expected the arm of me"),
    (ARMS, "UPDATE audit SET action = 'disarmed' WHERE action = 'armed'", "last that it was armed, found disarmed"),
    (ARMS, "DELETE FROM audit WHERE action = 'armed'", "last that it was armed, found nothing"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """An SQLite ledger with a day in it, to be copied."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("written") / "desk.db"))

    async def write() -> None:
        database = Database.open(f"sqlite:///{path}")
        ledger = Ledger(database, FixedClock(CLOSE))
        await a_day(ledger)
        await a_hard_day(ledger)
        await database.close()

    asyncio.run(write())
    return path


@pytest.fixture
def file(tmp_path: Path, written: Path) -> Path:
    """An SQLite ledger with a day in it."""
    return Path(shutil.copy(written, tmp_path / "desk.db"))


@pytest.fixture
async def day(file: Path) -> AsyncIterator[Database]:
    """The same, open."""
    opened = Database.open(f"sqlite:///{file}")
    yield opened
    await opened.close()


async def test_an_empty_ledger_is_sound(database: Database) -> None:
    assert _broken(await verify(database)) == {}


async def test_a_ledger_that_the_desk_wrote_is_sound_and_every_row_was_looked_at(
    ledger: Ledger, database: Database
) -> None:
    for account in ("sample", "other"):
        await a_day(ledger, account)
    await a_hard_day(ledger)
    checks = await verify(database)
    assert _broken(checks) == {}
    counts = {check.rule: check.checked for check in checks}
    assert [counts[rule] for rule in (FILLS, FILLED, POSITIONS, TRADES, CYCLES)] == [13, 20, 5, 8, 6]
    assert [counts[rule] for rule in (ADJUSTMENTS, TRIPS, FLATTENINGS, ARMS)] == [3, 1, 2, 1]
    assert counts[AUDIT] == len(await ledger.audit_entries())


@pytest.mark.parametrize(("rule", "statements", "words"), PLANTED)
async def test_a_row_that_breaks_a_rule_is_named(day: Database, rule: str, statements: str, words: str) -> None:
    await _run(day, *statements.split("; "))
    broken = _broken(await verify(day))
    assert rule in broken
    assert broken[rule].startswith("sample: ")
    assert words in broken[rule]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE sequence = 2", "row 2: it was edited"),
        ("DELETE FROM audit WHERE sequence = 3", "row 3: it is missing"),
        ("UPDATE audit SET detail = '[]' WHERE sequence = 2", "row 2: it was edited"),
    ],
)
async def test_the_first_row_of_the_audit_that_was_changed_is_named(day: Database, statement: str, found: str) -> None:
    await _run(day, statement)
    assert found in _broken(await verify(day))[AUDIT]


async def test_an_account_that_did_nothing_but_trip_is_looked_at_too(ledger: Ledger, database: Database) -> None:
    await ledger.record_trips("quiet", [Trip(Limit.DRAWDOWN, TradingState.HALTED, Decimal(1), Decimal(0), "all")])
    await _run(database, "UPDATE trip SET lifted_at = '2026-01-01T00:00:00.000000Z'")
    assert _broken(await verify(database))[TRIPS].startswith("quiet: trip drawdown_fraction")


async def test_fills_are_missed_only_when_later_ones_are_booked(ledger: Ledger, database: Database) -> None:
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, TTL, venue="oanda")
    assert lease is not None
    await ledger.store_intents([intent()])
    assert await ledger.start_sending("sd-1", lease)
    await ledger.record_order("sample", replace(answer(intent(), OrderState.FILLED), filled_quantity=Decimal(100)))
    assert _broken(await verify(database)) == {}
    later = fill("T2", order="4711", after=1)
    await ledger.book_fills("sample", (later,), cursor="", conversion=CONVERSION, now=CLOSE)
    assert (
        "order sd-1: expected a filled quantity of 0, as its fills add up to, found 100"
        in (_broken(await verify(database))[FILLED])
    )


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE fill SET price = 'free' WHERE venue_trade_id = 'sample-T2'", "fill sample sample-T2, price: expected"),
        ("UPDATE fill SET price = '1.10' WHERE venue_trade_id = 'sample-T2'", "in its shortest form, found '1.10'"),
        ("UPDATE fill SET price = 1.5 WHERE venue_trade_id = 'sample-T2'", None),
        ("UPDATE fill SET price = x'31' WHERE venue_trade_id = 'sample-T2'", "found b'1'"),
        ("UPDATE fill SET at = 'yesterday' WHERE venue_trade_id = 'sample-T2'", "at: expected a time in UTC"),
        ("UPDATE fill SET at = '2026-01-14T15:00:00' WHERE venue_trade_id = 'sample-T2'", "a time in UTC"),
        ("UPDATE cycle SET intents = '[' WHERE state = 'traded'", "intents: expected a JSON document, found '['"),
    ],
)
async def test_a_value_that_cannot_be_read_is_named_and_nothing_is_made_of_it(
    day: Database, statement: str, found: str | None
) -> None:
    await _run(day, statement)
    checks = await verify(day)
    if found is None:  # SQLite turns a number into text as it is stored
        assert VALUES not in _broken(checks)
    else:
        assert found in _broken(checks)[VALUES]
        assert checks[-1].rule == VALUES


async def test_a_row_without_the_row_that_it_refers_to_is_found(file: Path, day: Database) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("DELETE FROM \"order\" WHERE client_order_id = 'sd-sample-1500'")
    checks = await verify(day)
    assert "of order_event: expected its row of order, found none" in checks[1].first
    assert checks[1].bad == 3


async def test_a_broken_page_is_found(file: Path, day: Database) -> None:
    spoil_pages(file)
    checks = await verify(day)
    assert [check.rule for check in checks if check.bad] == ["pages and indexes are whole"]
    assert checks[0].first


async def test_a_row_that_breaks_a_rule_is_named_on_every_engine(ledger: Ledger, database: Database) -> None:
    await a_day(ledger)
    await _run(database, "UPDATE fill SET quantity = 41 WHERE venue_trade_id = 'sample-T2'")
    assert set(_broken(await verify(database))) == {FILLED, POSITIONS, TRADES}


async def test_a_ledger_of_another_schema_is_not_verified(database: Database) -> None:
    await _run(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="the newer 9999"):
        await verify(database)


def spoil_pages(path: Path) -> None:
    """Write over the last three pages, as a failing disk would."""
    with path.open("r+b") as file:
        file.seek(-3 * 4096, os.SEEK_END)
        file.write(b"\xee" * 4096 * 3)


def _broken(checks: Sequence[Check]) -> dict[str, str]:
    return {check.rule: check.first for check in checks if check.bad}


async def _run(database: Database, *statements: str) -> None:
    async with database.write() as session:
        for statement in statements:
            await (await session.connection()).execute(text(statement))
