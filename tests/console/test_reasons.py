"""`desk reasons`: what stood in the way of trades, counted for people and for programs."""

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.reasons import Reason
from tests.builders import CLOSE
from tests.console.conftest import Desk, Fill
from tests.desk.adapters.ledger.test_tallies import cycle


async def one_cycle(ledger: Ledger) -> None:
    await ledger.record_cycle(cycle(), now=CLOSE)


def test_counts_and_reasons_stand_in_a_table_each(desk: Desk, fill: Fill) -> None:
    fill(one_cycle)
    said = desk("reasons", "sample")
    assert said.code == 0
    assert all(word in said.out for word in ("opinions", "What stood in the way", "NO_SIGNAL"))
    assert Reason.NO_SIGNAL.meaning[:20] in said.out


def test_a_program_gets_the_codes_with_their_counts(desk: Desk, fill: Fill) -> None:
    fill(one_cycle)
    [row] = desk("reasons", "--json").json
    assert (row["account"], row["cycles"], row["opinions"], row["proposals"], row["passed"]) == ("sample", 1, 2, 2, 1)
    assert row["reasons"]["NO_SIGNAL"] == 2


@pytest.mark.parametrize("words", [("fresh",), ("--since", "2030-01-01")])
def test_without_scans_it_says_so(desk: Desk, fill: Fill, words: tuple[str, ...]) -> None:
    fill(one_cycle)
    assert desk("reasons", *words).out == "no scans\n"
    assert desk("reasons", *words, "--json").json == []
