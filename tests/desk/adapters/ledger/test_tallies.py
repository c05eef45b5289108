"""What came of an account's scans is counted from what each of them wrote down, and of no other account or time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tallies import Tally
from desk.model.cycle import CycleKey, CycleRecord
from desk.model.reasons import Reason
from desk.model.trade import Intention, NoTrade, VerdictState
from tests.builders import CLOSE
from tests.desk.adapters.ledger.builders import KEY, record, signal, verdict

LATER = CycleKey("sample", CLOSE + timedelta(minutes=5))
NOTHING = Tally(0, 0, 0, 0, {})


def cycle(key: CycleKey = KEY) -> CycleRecord:
    """Two opinions and one that is none; a wish that passed, one that was refused, one that closes."""
    made = record(key)
    [asked] = made.decision.intents
    passed, refused = verdict(asked), verdict(asked, VerdictState.REFUSED)
    closing = replace(passed, proposal=replace(passed.proposal, intention=Intention.CLOSE), findings=())
    decision = replace(
        made.decision,
        signals=(signal(), signal("XAU/USD"), signal("USD/JPY", score=0.0)),
        no_trades=(NoTrade("USD/JPY", Reason.NO_SIGNAL, ""), NoTrade("GBP/USD", Reason.NO_SIGNAL, "")),
        verdicts=(passed, refused, closing),
    )
    return replace(made, decision=decision)


def reasons_of(made: CycleRecord) -> list[Reason]:
    return [reason for one in made.decision.verdicts for reason in one.reasons]


@pytest.fixture
async def filled(ledger: Ledger) -> Ledger:
    for key in (KEY, LATER, CycleKey("other", CLOSE)):
        await ledger.record_cycle(cycle(key), now=CLOSE)
    return ledger


async def test_opinions_proposals_and_reasons_are_counted(filled: Ledger) -> None:
    told = await filled.tally("sample")
    assert (told.cycles, told.opinions, told.proposals, told.passed) == (2, 4, 4, 2)
    said = reasons_of(cycle())
    assert said
    assert told.reasons == {Reason.NO_SIGNAL: 4, **{reason: 2 * said.count(reason) for reason in said}}


async def test_what_stood_in_the_way_most_often_comes_first(filled: Ledger) -> None:
    counts = list((await filled.tally("sample")).reasons.values())
    assert counts == sorted(counts, reverse=True)


async def test_only_cycles_since_a_candle_are_counted(filled: Ledger) -> None:
    assert (await filled.tally("sample", since=LATER.candle_close)).cycles == 1
    assert await filled.tally("sample", since=LATER.candle_close + timedelta(seconds=1)) == NOTHING


async def test_an_account_that_was_never_scanned_has_counts_of_nothing(filled: Ledger) -> None:
    assert await filled.tally("unknown") == NOTHING
