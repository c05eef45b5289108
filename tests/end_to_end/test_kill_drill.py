"""A scan that is killed at any moment and run again: one order for each intent, and the books of a scan left in peace.

Each process that dies is a real one, ended by SIGKILL right after one call of a port has returned. What follows is what
Prefect and the worker do: the run is settled as crashed, retried, and executed again by another process.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from prefect.client.orchestration import PrefectClient

from desk.adapters.ledger.schema import upgrade
from desk.model.cycle import CycleState
from tests.end_to_end.drilling import ACCOUNT, Drill, Mortal, start_mortal
from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site
from tests.end_to_end.truth import Books, Comparison

pytestmark = pytest.mark.end_to_end

SENDING = ("start_sending#1", "submit#1", "record_order#1", "start_sending#2", "submit#2", "record_order#2")
POINTS = (
    *("acquire_lease#1", "store_config_version#1", "claim_cycle#1"),
    *("note_externals#1", "note_externals#2", "note_externals#3", "record_cycle#1", "store_intents#1"),
    *SENDING,
    *("book_fills#1", "close_cycle#1", "mark_notified#1", "release_lease#1"),
)
"""Every call of a scan that writes, in order: after each of them something may die."""
READS = {
    *("account", "positions", "open_orders", "fills_since", "close"),
    *("cycle", "day_start_and_peak", "fill_cursor", "planned_orders", "recent_fills"),
    *("restrictions", "unresolved_orders"),
    *("past_trips", "last_closed", "untold_trips"),
    *("unconverted_fills", "contradicted_orders", "newest_fills", "cash_book"),
}


@dataclass(frozen=True)
class Undisturbed:
    """A scan that nothing disturbed."""

    calls: list[str]
    compared: Comparison
    books: Books


@pytest.fixture(scope="module")
def mortal(site: Site) -> Iterator[Mortal]:
    with start_mortal(site) as started:
        yield started


@pytest.fixture(scope="module")
def new_drill(
    site: Site, mortal: Mortal, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[PrefectClient], Awaitable[Drill]]:
    """Make drills on empty ledgers."""
    empty = tmp_path_factory.mktemp("empty") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{empty}"))

    async def make(client: PrefectClient) -> Drill:
        folder = tmp_path_factory.mktemp("drill")
        ledger = shutil.copy(empty, folder)
        deployment = await site.deploy(client, ACCOUNT, "nobody")
        return Drill(mortal, client, deployment, f"sqlite:///{ledger}", folder / "journal")

    return make


@pytest.fixture
async def drill(new_drill, client: PrefectClient) -> Drill:
    return await new_drill(client)


@pytest.fixture(scope="module")
def undisturbed(site: Site, new_drill) -> Undisturbed:
    async def scan() -> Undisturbed:
        async with site.client() as client:
            drill = await new_drill(client)
            assert not await drill.scan()
            calls = drill.journal.read_text().splitlines()
            return Undisturbed(calls, await drill.compared(), await drill.books())

    return asyncio.run(scan())


def test_a_scan_left_in_peace_writes_at_the_points_of_the_drill(undisturbed: Undisturbed):
    assert [call for call in undisturbed.calls if call.split("#")[0] not in READS] == list(POINTS)
    assert undisturbed.compared.orders == 2
    assert undisturbed.compared.is_clean, undisturbed.compared
    assert undisturbed.books.cycles == {AT: CycleState.TRADED}


@pytest.mark.parametrize("point", POINTS)
async def test_a_scan_killed_after_any_write_ends_as_if_it_had_not_been(drill: Drill, undisturbed, point: str):
    assert await drill.scan(after=point)

    compared, books = await drill.compared(), await drill.books()
    assert compared == undisturbed.compared
    assert books.cycles == {AT: CycleState.TRADED}
    assert books.digest == undisturbed.books.digest
    assert not books.is_held


@pytest.mark.parametrize(("point", "duplicates"), [("start_sending#1", 0), ("submit#1", 1)])
async def test_the_drill_notices_when_orders_have_no_key_of_their_own(drill: Drill, point: str, duplicates: int):
    drill.forgets_ids = True

    assert await drill.scan(after=point)

    assert len((await drill.compared()).duplicates) == duplicates


async def test_while_a_dead_run_holds_the_account_another_sends_nothing_and_afterwards_it_finishes(drill, undisturbed):
    dead, early, late = [await drill.start() for _ in range(3)]
    assert await drill.execute(dead, after="submit#1")

    assert not await drill.execute(early)
    assert await drill.end_of(early) == "AccountBusy"
    assert (await drill.compared()).orders == 1

    await drill.settle(dead)
    assert not await drill.execute(late)
    assert await drill.end_of(late) == "Traded"
    assert await drill.compared() == undisturbed.compared


@pytest.mark.parametrize(("point", "sent"), [("start_sending#1", 0), ("submit#1", 1)])
async def test_a_dead_scan_that_nobody_retries_is_settled_by_that_of_a_later_candle(
    drill: Drill, point: str, sent: int
):
    dead, later = await drill.start(), await drill.start(minutes=5)
    assert await drill.execute(dead, after=point)
    await drill.settle(dead)

    assert not await drill.execute(later)

    compared = await drill.compared()
    assert sum(candle == AT for candle in compared.candles) == bool(sent)
    assert compared.is_clean, compared


async def test_scans_that_are_killed_one_after_the_other_keep_the_books(drill: Drill):
    killed = [await drill.scan(after=point, minutes=60 * hour) for hour, point in enumerate(SENDING, start=-14)]

    compared = await drill.compared()
    assert sum(killed) >= 4  # the others had nothing to send
    assert compared.is_clean, compared
    assert (await drill.books()).trades > 0


@pytest.mark.postgres
@pytest.mark.parametrize("point", ["store_intents#1", "start_sending#1", "submit#1"])
async def test_on_postgresql_a_killed_scan_ends_as_on_sqlite(
    drill: Drill, undisturbed, postgres_server, postgres_template: str, point: str
):
    name = f"drill_{POINTS.index(point)}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {postgres_template};")
    drill.ledger_url = postgres_server.get_uri(database=name)

    assert await drill.scan(after=point)

    assert await drill.compared() == undisturbed.compared
    assert (await drill.books()).digest == undisturbed.books.digest
