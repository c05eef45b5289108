"""What every rule says of every proposal, and the orders of what is left."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from desk.decide.costing import estimate_costs
from desk.decide.policy import Policy
from desk.execution.plan import plan_orders
from desk.model.books import Snapshot
from desk.model.cycle import Decision
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.reasons import Reason
from desk.model.trade import TRADING_STATE, Finding, Intention, Proposal, Verdict, VerdictState
from desk.plugin import RiskRule
from desk.risk.allocation import Allocation, Part

_LEFT = "what the other rules leave, where the limit is the least"


def risk_check(policy: Policy, snapshot: Snapshot, decision: Decision) -> Decision:
    """Say what every proposal costs, ask every rule about it, closing ones first, and plan the orders of what is left.

    What was approved counts against the limits of the proposals after it. A closing trade frees no room until it
    has been filled.
    """
    proposals = estimate_costs(policy, snapshot, decision)
    verdicts: list[Verdict] = []
    ordered = sorted(proposals, key=lambda proposal: proposal.intention is Intention.OPEN)
    for proposal in ordered:
        verdict = review(policy, snapshot, proposal)
        verdicts.append(verdict)
        if proposal.intention is Intention.OPEN and proposal is not ordered[-1]:
            snapshot = snapshot.with_pending(proposal.instrument, verdict.quantity * proposal.side.sign)
    intents = plan_orders(policy.account, verdicts)
    return replace(decision, proposals=proposals, verdicts=tuple(verdicts), intents=intents)


def review(policy: Policy, snapshot: Snapshot, proposal: Proposal) -> Verdict:
    """Ask every rule about one proposal; a trade that reduces a position always passes.

    An offset opens a position, so that every rule is asked about it but those that say themselves that they spare it.
    While something is held that is not listed any more, no rule can know what the account has at stake: none is asked,
    and nothing is opened.
    """
    instrument = snapshot.instruments[proposal.instrument]
    if proposal.intention is Intention.CLOSE:
        return Verdict(proposal, VerdictState.APPROVED, proposal.quantity, ())
    findings = [
        _state_finding(snapshot, proposal),
        *(_delisted_findings(snapshot, proposal) or _rule_findings(policy, snapshot, proposal)),
    ]
    allowed = min(finding.allowed_quantity for finding in findings)
    findings.append(_size_finding(instrument, proposal, allowed))
    quantity = findings[-1].allowed_quantity
    if quantity == 0:
        state = VerdictState.REFUSED
    elif quantity < instrument.round_quantity(proposal.quantity):
        state = VerdictState.REDUCED
    else:
        state = VerdictState.APPROVED
    return Verdict(proposal, state, quantity, tuple(findings))


def _delisted_findings(snapshot: Snapshot, proposal: Proposal) -> list[Finding]:
    """The refusal of whatever is opened beside what has no value; the account goes on with what it holds."""
    nothing, names = Decimal(0), sorted(snapshot.delisted)
    if not names:
        return []
    detail = f"expected an account whose positions have a value, found {', '.join(names)} not listed any more"
    return [Finding("valuation", nothing, nothing, Decimal(len(names)), "instruments", Reason.DELISTED, detail)]


def _rule_findings(policy: Policy, snapshot: Snapshot, proposal: Proposal) -> list[Finding]:
    return [rule.review(proposal, snapshot) for rule in _asked(policy, snapshot, proposal)]


def _asked(policy: Policy, snapshot: Snapshot, proposal: Proposal) -> Iterator[RiskRule]:
    if policy.allocation != 1 and snapshot.instruments[proposal.instrument].kind is InstrumentKind.SPOT:
        yield _allocated(policy, snapshot, proposal)
    yield from (rule for rule in policy.rules if not (proposal.offsets and rule.spares_offsets))


def _allocated(policy: Policy, snapshot: Snapshot, proposal: Proposal) -> RiskRule:
    """The rule that keeps coins within the account's part: they are paid in full, whatever a sizing looks at."""
    held = snapshot.exposed_instruments() | {proposal.instrument}
    coins = (name for name in held if snapshot.instruments[name].kind is InstrumentKind.SPOT)
    part = Part(name="the account's allocation", instruments=tuple(sorted(coins)), multiple=policy.allocation)
    return Allocation(parts=(part,))


def _state_finding(snapshot: Snapshot, proposal: Proposal) -> Finding:
    found = snapshot.restriction_on(proposal.strategy, proposal.instrument)
    reason = found.refusal
    allowed = proposal.quantity if reason is None else Decimal(0)
    detail = "" if reason is None else str(found)
    return Finding(TRADING_STATE, allowed, proposal.quantity, allowed, "base units", reason, detail)


def _size_finding(instrument: Instrument, proposal: Proposal, allowed: Decimal) -> Finding:
    """What is left on the venue's grid; less than its smallest order is nothing."""
    quantity = instrument.round_quantity(allowed)
    least = max(instrument.minimum_quantity, instrument.minimum_notional / proposal.reference_price)
    too_small = quantity < least
    # Where a rule has refused already, the size is not what stood in the way.
    reason = Reason.BELOW_MINIMUM_SIZE if too_small and allowed > 0 else None
    left = Decimal(0) if too_small else quantity
    return Finding("venue_minimum", left, least, quantity, "base units", reason, _LEFT)
