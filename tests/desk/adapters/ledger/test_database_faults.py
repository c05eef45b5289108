"""A database that fails under an order: before it is sent nothing leaves, after it was sent it is not forgotten."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tables import ConfigVersionRow
from desk.adapters.ledger.verifying import verify
from desk.errors import LedgerBusy, LedgerError, LedgerUnwritable
from desk.execution.placing import OrderDesk, place_orders, resolve_orders
from desk.model.orders import Order, OrderIntent, OrderState
from desk.ports import Lease
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.test_verifying import spoil_pages
from tests.fakes import FakeVenue

Fault = Callable[[Database], Awaitable[Callable[[], Awaitable[None]]]]
"""Makes a database fail, and returns what heals it."""


async def locked(database: Database) -> Callable[[], Awaitable[None]]:
    """F35: another process holds the write lock for longer than every try."""
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def heal() -> None:
        other.close()

    return heal


async def full(database: Database) -> Callable[[], Awaitable[None]]:
    """F36: the disk has no page left, for any connection of this process."""
    await _pragma(database, "max_page_count=1")

    async def heal() -> None:
        await _pragma(database, "max_page_count=1000000")

    return heal


async def read_only(database: Database) -> Callable[[], Awaitable[None]]:
    """F36: the file cannot be written any more."""
    await _pragma(database, "query_only=ON")

    async def heal() -> None:
        await _pragma(database, "query_only=OFF")

    return heal


FAULTS = [
    pytest.param(locked, r"another process kept the database busy for 0\.05 s; run again", id="locked"),
    pytest.param(full, "database or disk is full; free space on the disk", id="full"),
    pytest.param(read_only, "readonly database; let this user write the file", id="read-only"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS)
async def test_what_fails_before_the_order_is_sent_sends_nothing(ledger: Ledger, fault: Fault, words: str) -> None:
    venue, lease = FakeVenue(), await _lease(ledger)
    heal = await fault(ledger.database)
    with pytest.raises(LedgerError, match=words):
        await place_orders([BIG], OrderDesk(venue, ledger, lease))
    assert venue.accepted == []
    await heal()
    (order,) = await place_orders([BIG], OrderDesk(venue, ledger, lease))
    assert (order.state, len(venue.accepted)) == (OrderState.FILLED, 1)


@pytest.mark.parametrize(
    ("fault", "kind"), [(locked, LedgerBusy), (full, LedgerUnwritable), (read_only, LedgerUnwritable)]
)
async def test_a_ledger_that_is_only_busy_is_told_apart_from_one_that_cannot_be_written(
    ledger: Ledger, fault: Fault, kind: type[LedgerError]
) -> None:
    heal = await fault(ledger.database)
    with pytest.raises(LedgerError) as raised:
        await ledger.store_intents([BIG])
    assert type(raised.value) is kind
    await heal()


@pytest.mark.parametrize(("fault", "words"), FAULTS)
async def test_what_fails_after_the_order_was_sent_is_asked_for_and_never_sent_again(
    ledger: Ledger, fault: Fault, words: str
) -> None:
    venue, lease = FailsAfterwards(ledger.database, fault), await _lease(ledger)
    desk = OrderDesk(venue, ledger, lease)
    with pytest.raises(LedgerError, match=words):
        await place_orders([BIG], desk)
    await venue.heal()
    (sent,) = await ledger.unresolved_orders("sample")
    assert sent.state is OrderState.SENDING
    (found,) = await resolve_orders([sent], desk)
    (again,) = await place_orders([BIG], desk)
    assert (found.state, again.state, len(venue.accepted)) == (OrderState.FILLED, OrderState.FILLED, 1)
    assert not any(check.bad for check in await verify(ledger.database))


async def test_a_writer_never_meets_a_state_that_another_has_changed_since_it_looked(sqlite: Database) -> None:
    """F35: a transaction that reads first and writes later fails at once, and no busy time-out helps it."""
    path = str(sqlite.url.database)
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as late:
        late.execute("BEGIN")
        late.execute("SELECT * FROM config_version").fetchall()
        async with sqlite.write() as session:
            session.add(_version("a"))
        with pytest.raises(sqlite3.OperationalError) as caught:
            late.execute("DELETE FROM config_version")
        assert caught.value.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        async with sqlite.write() as session:
            assert (await session.exec(select(ConfigVersionRow.hash))).all() == ["a"]
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            session.add(_version("b"))
    async with sqlite.read() as session:
        assert sorted((await session.exec(select(ConfigVersionRow.hash))).all()) == ["a", "b"]


async def test_a_corrupt_page_is_a_ledger_error_that_leads_to_the_backups(sqlite: Database) -> None:
    await Ledger(sqlite).store_intents([BIG])
    await sqlite.close()
    spoil_pages(Path(str(sqlite.url.database)))
    with pytest.raises(
        LedgerError, match="malformed; run `desk db verify`, and restore a backup with `desk db restore`"
    ):
        await Ledger(sqlite).planned_orders("sample")


@pytest.mark.postgres
@pytest.mark.parametrize("when", ["in the transaction", "in the commit"])
async def test_a_backend_that_is_killed_leaves_nothing_and_the_next_write_has_a_new_one(
    postgres: Database, when: str
) -> None:
    """F37, where the commit was not made: `pg_terminate_backend` before it, or while a trigger holds it up."""
    if when == "in the commit":
        await _run(postgres, *SLOW_COMMIT)
    killer = Database.open(postgres.url.render_as_string(hide_password=False))
    delay = 0.3 if when == "in the commit" else 0
    with pytest.raises(LedgerError, match="expected the transaction to succeed"):
        await _write_and_be_killed(postgres, killer, delay=delay)
    await killer.close()
    await _run(postgres, "DROP TRIGGER IF EXISTS slow ON config_version")
    async with postgres.write() as session:
        assert (await session.exec(select(ConfigVersionRow.hash))).all() == []
        session.add(_version("a"))


SLOW_COMMIT = (
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$",
    "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON config_version DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION slow()",
)


@pytest.mark.postgres
async def test_a_commit_whose_answer_is_lost_is_written_again_without_a_second_row(
    postgres: Database, tmp_path: Path
) -> None:
    """F37, where the commit was made: the same write once more finds what is there."""
    async with _deaf_server(postgres, tmp_path) as deaf:
        far = Ledger(deaf, FixedClock(CLOSE))
        with pytest.raises(LedgerError, match="expected the transaction to succeed"):
            await far.store_intents([intent()])
    near = Ledger(postgres, FixedClock(CLOSE))
    assert [order.client_order_id for order in await near.planned_orders("sample")] == ["sd-1"]
    assert (await near.store_intents([intent()]))["sd-1"].state is OrderState.PLANNED
    assert len(await near.order_events("sd-1")) == 1


@pytest.mark.postgres
async def test_the_write_lock_is_asked_for_again_when_the_server_refuses_to_wait(postgres: Database) -> None:
    """55P03, a state that is tried again like 40001 and 40P01."""
    url = postgres.url.render_as_string(hide_password=False)
    hasty = Database.open(url, busy_timeout=timedelta(milliseconds=150))
    holding = asyncio.Event()

    async def hold() -> None:
        async with postgres.write():
            holding.set()
            await asyncio.sleep(0.3)

    held = asyncio.create_task(hold())
    await holding.wait()
    async with hasty.write() as session:
        session.add(_version("a"))
    await held
    await hasty.close()


BIG = replace(intent(), strategy="x" * 20_000)
"""An order whose row needs pages of its own."""


class FailsAfterwards(FakeVenue):
    """Takes the order, and then the database fails."""

    def __init__(self, database: Database, fault: Fault) -> None:
        super().__init__()
        self._database, self._fault = database, fault

    async def submit(self, asked: OrderIntent) -> Order:
        sent = await super().submit(asked)
        self.heal = await self._fault(self._database)
        return replace(sent, reason="y" * 20_000)


@pytest.fixture
async def ledger(sqlite: Database) -> AsyncIterator[Ledger]:
    """An SQLite ledger that is soon out of patience."""
    hasty = Database.open(sqlite.url.render_as_string(), busy_timeout=timedelta(milliseconds=50))
    yield Ledger(hasty, FixedClock(CLOSE))
    await hasty.close()


async def _lease(ledger: Ledger) -> Lease:
    held = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert held is not None
    return held


def _version(name: str) -> ConfigVersionRow:
    return ConfigVersionRow(hash=name, content="", first_seen=CLOSE)


async def _run(database: Database, *statements: str) -> None:
    async with database.write() as session:
        for statement in statements:
            await (await session.connection()).execute(text(statement))


async def _pragma(database: Database, setting: str) -> None:
    async with database.read() as session:
        await (await session.connection()).execute(text(f"PRAGMA {setting}"))


async def _write_and_be_killed(database: Database, killer: Database, *, delay: float) -> None:
    async with AsyncExitStack() as afterwards, database.write() as session:
        pid = (await (await session.connection()).execute(text("SELECT pg_backend_pid()"))).scalar_one()
        session.add(_version("a"))
        await session.flush()
        killing = asyncio.create_task(_kill(killer, pid, delay=delay))
        # The commit may fail before the killer's transaction is over, and closing the killer then would miss it.
        afterwards.push_async_callback(asyncio.gather, killing)
        if not delay:
            await killing


async def _kill(database: Database, pid: int, *, delay: float) -> None:
    await asyncio.sleep(delay)
    async with database.read() as session:
        killed = await (await session.connection()).execute(text(f"SELECT pg_terminate_backend({pid})"))
        assert killed.scalar_one()


@asynccontextmanager
async def _deaf_server(postgres: Database, folder: Path) -> AsyncIterator[Database]:
    """Give the same database behind a wire that is cut when the server answers a COMMIT."""
    real = f"{postgres.url.query['host']}/.s.PGSQL.5432"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(real)
        commits = asyncio.Event()
        towards = asyncio.create_task(_pass(reader, back, commits))
        with suppress(ConnectionError):
            while data := await there.read(65536):
                if commits.is_set():
                    break
                writer.write(data)
        towards.cancel()
        writer.close()
        back.close()

    server = await asyncio.start_unix_server(serve, folder / ".s.PGSQL.5432")
    deaf = Database.open(postgres.url.set(query={"host": str(folder)}).render_as_string(hide_password=False))
    try:
        yield deaf
    finally:
        await deaf.close()
        server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, commits: asyncio.Event) -> None:
    while data := await reader.read(65536):
        if b"COMMIT" in data:
            commits.set()
        writer.write(data)
