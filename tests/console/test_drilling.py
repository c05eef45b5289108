"""`desk drill` attacks the operator's accounts, prints what it found, and says by its exit code whether all is well."""

import logging
from collections.abc import Iterator

import pytest

from drill.matrix import MATRIX
from tests.console.conftest import Desk


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """A drill silences the logs of its process, and this one goes on."""
    before = logging.root.manager.disable
    yield
    logging.disable(before)


def test_a_drill_of_one_account_tells_all_of_it_as_json(desk: Desk):
    ended = desk("drill", "sample", "--cycles", "4", "--seed", "once", "--faults", "F13", "--json")
    told = ended.json
    assert ended.code == 0, told["violations"]
    assert (told["seed"], told["violations"], told["left_out"]) == ("once", [], {})
    (venue,) = told["venues"]
    assert (venue["venue"], venue["accounts"], venue["cycles"]) == ("oanda", ["sample", "sample-2"], 4)
    assert (venue["duplicates"], venue["lost orders"], venue["lost fills"]) == (0, 0, 0)
    assert [one["number"] for one in told["faults"]] == [fault.number for fault in MATRIX]


def test_the_ledger_of_the_installation_is_not_opened(desk: Desk, home):
    before = sorted(home.rglob("*.db*"))
    assert desk("drill", "sample", "--cycles", "2", "--faults", "none").code == 0
    assert sorted(home.rglob("*.db*")) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("smaple",), "unknown account 'smaple'; did you mean 'sample'?"),
        (("--venue", "kraken"), "unknown venue 'kraken'"),
        (("--faults", "F99"), "unknown fault 'F99'"),
        (("sample", "--venue", "aster"), "expected an account that can be drilled, found none"),
    ],
)
def test_what_cannot_be_drilled_is_refused_with_a_reason(desk: Desk, words, said):
    ended = desk("drill", *words)
    assert ended.code == 3
    assert said in ended.err
