"""The acceptance list of a venue's adapter: every row, at every venue, passed or skipped with a reason."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulator.dialects.finding import find_dialects
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.rows.everything import all_rows
from tests.contracts.venues.rows.listing import Row
from tests.contracts.venues.venues import CASES, WIRED

LIST = Path(__file__).parents[4] / "shared" / "conformance" / "venue_adapter_acceptance_cases.json"
ROWS = all_rows()


def _named(row: Row, case: VenueCase) -> object:
    reason = row.missing(case)
    marks = [pytest.mark.skip(reason=reason)] if reason else []
    return pytest.param(row, case, id=f"{row.number}[{case.name}]", marks=marks)


@pytest.mark.parametrize(("row", "case"), [_named(row, case) for row in ROWS for case in CASES])
async def test_a_venue_does_what_the_row_wants(row: Row, case: VenueCase, bench: Bench) -> None:
    assert row.trial is not None, f"{row.number} has nothing to try"
    await row.trial(bench)


def test_every_row_of_the_list_is_here_and_no_other() -> None:
    if not LIST.exists():
        pytest.skip(f"the acceptance list is not here: {LIST.name}")
    listed = [case["id"] for case in json.loads(LIST.read_text())["cases"]]
    assert [row.number for row in ROWS] == listed


def test_a_row_that_is_not_tried_says_why() -> None:
    assert [row.number for row in ROWS if row.trial is None and not row.why_not] == []
    known = {row.number for row in ROWS if row.trial is not None}
    assert {number for case in CASES for number in case.missing} <= known
    assert all(reason for case in CASES for reason in case.missing.values())


def test_every_wire_that_the_simulator_speaks_is_tried() -> None:
    assert {case.wire for case in WIRED} == set(find_dialects())


def test_the_table_of_rows_and_venues() -> None:
    """Run with -s to see it."""
    tried = [sum(not row.missing(case) for row in ROWS) for case in CASES]
    lines = [
        _line("", [case.name for case in CASES], "what the row wants"),
        *(_line(row.number, [_cell(row, case) for case in CASES], row.wants) for row in ROWS),
        _line("tried", tried, f"of {len(ROWS)}"),
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert min(tried) >= 25


def _cell(row: Row, case: VenueCase) -> str:
    return "-" if row.missing(case) else "tried"


def _line(head: str, cells: Sequence[object], tail: str) -> str:
    return f"{head:8}" + "".join(f"{cell:>16}" for cell in cells) + f"  {tail}"
