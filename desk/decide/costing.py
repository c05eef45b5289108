"""Says of every proposal that opens a position what it is expected to cost."""

from dataclasses import replace

from desk.costs import estimate_cost
from desk.decide.policy import Policy
from desk.model.books import Snapshot
from desk.model.cycle import Decision
from desk.model.regimes import NOTHING_KNOWN
from desk.model.trade import Intention, Proposal


def estimate_costs(policy: Policy, snapshot: Snapshot, decision: Decision) -> tuple[Proposal, ...]:
    """Return the proposals, every opening one with its estimate; what cannot be valued keeps none."""
    return tuple(_priced(policy, snapshot, decision, proposal) for proposal in decision.proposals)


def _priced(policy: Policy, snapshot: Snapshot, decision: Decision, proposal: Proposal) -> Proposal:
    if proposal.intention is Intention.CLOSE:
        return proposal
    conditions = decision.conditions.get(proposal.instrument, NOTHING_KNOWN)
    cost = estimate_cost(
        policy.costs,
        proposal,
        snapshot,
        time_limit=proposal.barriers.time_limit or policy.time_limit,
        funding_rate=conditions.funding_rate,
    )
    return replace(proposal, cost=cost)
