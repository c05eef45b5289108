"""Says of every proposal that opens a position what it is expected to cost."""

from dataclasses import replace

from desk.costs import estimate_cost
from desk.decide.policy import Policy
from desk.model.books import Snapshot
from desk.model.cycle import Decision
from desk.model.regimes import Conditions
from desk.model.trade import Intention, Proposal


def estimate_costs(policy: Policy, snapshot: Snapshot, decision: Decision) -> Decision:
    """Give every opening proposal its estimate; what cannot be valued keeps none."""
    priced = tuple(_priced(policy, snapshot, decision, proposal) for proposal in decision.proposals)
    return replace(decision, proposals=priced)


def _priced(policy: Policy, snapshot: Snapshot, decision: Decision, proposal: Proposal) -> Proposal:
    if proposal.intention is Intention.CLOSE:
        return proposal
    conditions = decision.conditions.get(proposal.instrument, Conditions())
    cost = estimate_cost(
        policy.costs,
        proposal,
        snapshot,
        time_limit=proposal.barriers.time_limit or policy.time_limit,
        funding_rate=conditions.funding_rate,
    )
    return replace(proposal, cost=cost)
