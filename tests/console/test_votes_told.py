"""`desk why` tells how a vote came about, and what a strategy that acts on the book saw."""

from dataclasses import replace

from desk.model.cycle import Decision
from desk.model.regimes import Regime
from desk.model.trade import Verdict, VerdictState
from desk.model.votes import Voice, Vote
from tests.console.test_reasons_told import told
from tests.contracts.samples import proposal


def story(**changes):
    verdict = Verdict(replace(proposal(), **changes), VerdictState.APPROVED, proposal().quantity, ())
    return told(Decision(verdicts=(verdict,)))


def test_the_arithmetic_of_a_vote_is_told_to_the_last_factor():
    voices = (Voice("breakout", 0.8, 2.0, 0.5, 1.25), Voice("mean_reversion", -0.3, 1.0, 0.0))
    assert (
        "vote: breakout +0.80 x 2 x 0.5 in trend x 1.25 by its record = +1.000; "
        "mean_reversion -0.30 left out in trend; together +1.000 / 1.250 = +0.80"
    ) in story(vote=Vote(voices, Regime.TREND))


def test_a_single_opinion_is_no_arithmetic():
    assert "vote" not in story(vote=Vote((Voice("breakout", 0.8, 2.0),)))


def test_what_made_a_strategy_take_something_back_is_told():
    assert "danger 0.90: short 0.90" in story(trigger="danger 0.90: short 0.90")
