"""What runs find that come after a killed scan: an account that is still held, a candle that is over, and PostgreSQL.

The moments at which a scan can be killed are all in `test_kill_drill.py`. `make drill` tries more of them here, too.
"""

from collections.abc import Callable

import pytest

from tests.drilled import drilled
from tests.end_to_end.drilling import SENDING, Drill
from tests.end_to_end.fleet import AT

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize(
    ("point", "duplicates"), drilled([("start_sending#1", 0), ("submit#1", 1)], usually=[("submit#1", 1)])
)
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


@pytest.mark.parametrize(
    ("point", "sent"), drilled([("start_sending#1", 0), ("submit#1", 1)], usually=[("submit#1", 1)])
)
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
@pytest.mark.parametrize("point", drilled(["store_intents#1", "start_sending#1", "submit#1"], usually=["submit#1"]))
async def test_on_postgresql_a_killed_scan_ends_as_on_sqlite(
    drill: Drill, undisturbed, new_postgres: Callable[[str], str], postgres_template: str, point: str
):
    drill.ledger_url = new_postgres(postgres_template)

    assert await drill.scan(after=point)

    assert await drill.compared() == undisturbed.compared
    assert (await drill.books()).digest == undisturbed.books.digest
