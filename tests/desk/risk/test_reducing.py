"""Nothing stands in the way of getting out: with every rule there is, a trade that reduces a position passes whole."""

from dataclasses import replace

from hypothesis import assume, given, settings

from desk.decide import review
from desk.model.trade import Intention, VerdictState
from desk.registry import risk_rules
from tests.builders import policy
from tests.contracts.samples import proposals, snapshots

STRICT = policy(rules=[risk_rules().build(name, {}) for name in risk_rules().discover()])


@settings(max_examples=15, deadline=None)
@given(proposal=proposals(), snapshot=snapshots())
def test_a_trade_that_reduces_a_position_passes_every_rule(proposal, snapshot):
    verdict = review(STRICT, snapshot, replace(proposal, intention=Intention.CLOSE))
    assert (verdict.state, verdict.quantity) == (VerdictState.APPROVED, proposal.quantity)


@settings(max_examples=15, deadline=None)
@given(proposal=proposals(), snapshot=snapshots())
def test_what_every_rule_leaves_of_an_entry_is_what_the_strictest_leaves(proposal, snapshot):
    assume(proposal.reference_price > 0)
    verdict = review(STRICT, snapshot, proposal)
    assert 0 <= verdict.quantity <= min(finding.allowed_quantity for finding in verdict.findings)
