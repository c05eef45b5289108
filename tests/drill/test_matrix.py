"""Every fault of the matrix is made by a drill, or the file is named that tries it."""

import json
import re
from pathlib import Path

import pytest

from drill.matrix import MATRIX, STEPS
from drill.scorecard import coverage
from drill.season import FAULTS

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "fault_matrix.json"


def test_the_numbers_have_no_gap() -> None:
    assert [fault.number for fault in MATRIX] == [f"F{number:02}" for number in range(1, len(MATRIX) + 1)]


def test_the_numbers_and_steps_are_those_of_the_matrix() -> None:
    if not SHARED.exists():
        pytest.skip(f"the fault matrix is not here: {SHARED.name}")
    told = json.loads(SHARED.read_text())
    assert [fault.number for fault in MATRIX] == [one["id"] for one in told["faults"]]
    assert list(STEPS) == list(told["steps"])


def test_a_fault_is_made_here_or_elsewhere_and_not_both() -> None:
    elsewhere = {fault.number for fault in MATRIX if fault.elsewhere}
    assert elsewhere.isdisjoint(FAULTS)
    assert {fault.number for fault in MATRIX} - elsewhere - set(FAULTS) == {"F48"}, (
        "there is no dashboard to attack yet"
    )


@pytest.mark.parametrize("path", sorted({fault.elsewhere for fault in MATRIX if fault.elsewhere}))
def test_the_file_that_tries_a_fault_exists(path: str) -> None:
    assert (ROOT / path).is_file()


def test_without_a_drill_every_line_says_what_is_not_covered() -> None:
    told = [one.told for one in coverage([])]
    assert all(re.fullmatch("not hit|not here: tested by .+|not here, and not yet", line) for line in told)
