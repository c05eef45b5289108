"""A scan that is killed at any moment and run again: one order for each intent, and the books of a scan left in peace.

Each process that dies is a real one, ended by SIGKILL right after one call of a port has returned. What follows is what
Prefect and the worker do: the run is settled as crashed, retried, and executed again by another process.

The suite ends a process at a third of the calls; `make drill` does at all of them.
"""

import pytest

from desk.model.cycle import CycleState
from tests.drilled import drilled
from tests.end_to_end.drilling import SENDING, Drill, Undisturbed
from tests.end_to_end.fleet import AT

pytestmark = pytest.mark.end_to_end

POINTS = (
    *("acquire_lease#1", "store_config_version#1", "claim_cycle#1", "note_externals#1", "book_cash#1"),
    *("note_externals#2", "note_externals#3", "note_externals#4", "note_externals#5"),
    *("record_cycle#1", "store_intents#1"),
    *SENDING,
    *("book_fills#1", "close_cycle#1", "mark_notified#1", "release_lease#1"),
)
"""Every call of a scan that writes, in order: after each of them something may die."""
USUAL = (
    *("book_cash#1", "store_intents#1"),
    *("start_sending#1", "submit#1", "record_order#1"),
    *("book_fills#1", "mark_notified#1"),
)
"""Around the first order, and where no story of `tests/model` ends; others are such a place, or come again."""
READS = {
    *("account", "positions", "open_orders", "fills_since", "close"),
    *("cycle", "day_start_and_peak", "fill_cursor", "planned_orders", "recent_fills"),
    *("restrictions", "unresolved_orders"),
    *("past_trips", "last_closed", "untold_trips"),
    *("unconverted_fills", "contradicted_orders", "newest_fills", "cash_book"),
    *("trades_and_records", "standings"),
}


def test_a_scan_left_in_peace_writes_at_the_points_of_the_drill(undisturbed: Undisturbed):
    assert [call for call in undisturbed.calls if call.split("#")[0] not in READS] == list(POINTS)
    assert undisturbed.compared.orders == 2
    assert undisturbed.compared.is_clean, undisturbed.compared
    assert undisturbed.books.cycles == {AT: CycleState.TRADED}


@pytest.mark.parametrize("point", drilled(POINTS, usually=USUAL))
async def test_a_scan_killed_after_any_write_ends_as_if_it_had_not_been(drill: Drill, undisturbed, point: str):
    assert await drill.scan(after=point)

    compared, books = await drill.compared(), await drill.books()
    assert compared == undisturbed.compared
    assert books.cycles == {AT: CycleState.TRADED}
    assert books.digest == undisturbed.books.digest
    assert not books.is_held
