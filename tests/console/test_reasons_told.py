"""`desk why` tells every reason readably: the code, what it means, and for a rule the limit that stood in the way."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from console.narrating import narrate
from desk.adapters.ledger.facts import CycleSummary, Explanation
from desk.model.cycle import CycleState, Decision, Mode
from desk.model.reasons import Reason
from desk.model.trade import HOUR_OF_DAY, NoTrade, Verdict, VerdictState
from tests.builders import CLOSE
from tests.desk.adapters.ledger.builders import KEY, record
from tests.desk.risk.test_reason_table import CASES

MISSING = (Reason.NOT_KNOWN, Reason.NO_CONVERSION_RATE, Reason.STALE_DATA)


def told(decision: Decision) -> str:
    """The story of a cycle that decided this, with every run of spaces and line ends as one space."""
    done = replace(record(state=CycleState.HELD), decision=decision)
    summary = CycleSummary(KEY, done.state, Mode.PAPER, "", None, CLOSE, CLOSE, None, {}, "run-1", "c0ffee", "0.1.0")
    page = Console(file=StringIO(), width=120)
    for block in narrate(Explanation(summary, done, (), (), (), ())):
        page.print(block)
    assert isinstance(page.file, StringIO)
    return " ".join(page.file.getvalue().split())


@pytest.mark.parametrize("reason", Reason)
def test_why_an_instrument_was_passed_over_is_told(reason):
    story = told(Decision(no_trades=(NoTrade("EUR/USD", reason, "with a detail"),)))
    assert f"EUR/USD not traded: {reason}, {reason.meaning} with a detail" in story


@pytest.mark.parametrize("case", CASES, ids=str)
def test_which_limit_stood_in_the_way_is_told(case):
    finding = case.rule.review(case.proposal, case.snapshot)
    state = VerdictState.REDUCED if finding.allowed_quantity else VerdictState.REFUSED
    story = told(Decision(verdicts=(Verdict(case.proposal, state, finding.allowed_quantity, (finding,)),)))
    if case.unit == HOUR_OF_DAY or (case.reason in MISSING and case.observed == "0"):
        assert f"{case.rule.name} {case.reason} {finding.detail}; allows 0" in story
    else:
        assert f"{case.rule.name} {case.reason} observed " in story
        assert f" {case.unit}; allows " in story
    assert case.detail in story
    assert f"{case.reason}, {case.reason.meaning}" in story
    assert "E+" not in story
