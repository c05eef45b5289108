"""Two decisions about the same candles: what ended otherwise is told, with what led to it."""

from dataclasses import replace
from decimal import Decimal

from desk.decide import decide
from desk.decide.differing import differences
from tests.builders import CLOSE, AtMost, Constant, FixedQuantity, market, policy, snapshot


def decided(*, score=0.8, entry_score=None, limit=None, quantity=None, stop=0.001):
    made = policy(Constant(score=score, stop=stop), rules=[AtMost(quantity=Decimal(limit))] if limit else [])
    if entry_score is not None:
        made = replace(made, entry_score=entry_score)
    if quantity is not None:
        made = replace(made, sizing=FixedQuantity(quantity=Decimal(quantity)))
    return decide(made, snapshot(), {"EUR/USD": market()}, CLOSE)


def test_the_same_decision_differs_in_nothing():
    assert differences(decided(), decided()) == ()


def test_a_threshold_that_rose_is_told_by_what_was_said_of_the_score():
    [found] = differences(decided(), decided(entry_score=0.9))
    assert (found.instrument, found.before.split(",")[0]) == ("EUR/USD", "open buy 1000")
    assert found.now == "no trade: BELOW_THRESHOLD"
    assert [why for why in found.why if why.startswith("now it is said: score +0.80, threshold 0.90")]


def test_another_score_is_told_with_both_figures():
    [found] = differences(decided(), decided(score=-0.8))
    assert "constant: score +0.8000, now -0.8000" in found.why


def test_a_rule_that_cuts_more_is_told_with_its_limit():
    [found] = differences(decided(limit="900"), decided(limit="400"))
    assert (found.before.split(",")[0], found.now.split(",")[0]) == ("open buy 900", "open buy 400")
    assert [why for why in found.why if why.startswith("at_most: allowed 900") and "now 400" in why]


def test_a_rule_that_is_new_is_told_as_such():
    [found] = differences(decided(), decided(limit="400"))
    assert "at_most: new" in found.why


def test_another_size_is_told_before_what_rules_made_of_it():
    [found] = differences(decided(), decided(quantity="2000"))
    assert found.why[0] == "proposed 1000.00000000, now 2000.00000000"


def test_another_stop_is_a_difference():
    [found] = differences(decided(), decided(stop=0.002))
    assert found.before != found.now
    assert "stop 1.09901" in found.before


def test_an_instrument_that_is_not_looked_at_any_more_is_told():
    nothing = decide(policy(instruments=()), snapshot(), {}, CLOSE)
    [found] = differences(decided(), nothing)
    assert found.now == "not looked at"
