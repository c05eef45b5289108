"""What every rule and sizing must keep, as functions; what strategies and all plug-ins must is in `desk.contracts`.

Each raises AssertionError with a sentence that says what is wrong and what to do.
"""

from dataclasses import replace
from decimal import Decimal

from desk.model.books import Snapshot
from desk.model.trade import Proposal
from desk.plugin import RiskRule, Sizing
from tests.builders import INSTRUMENTS

_MORE = Decimal(1000)


def check_rule(rule: RiskRule, proposal: Proposal, snapshot: Snapshot) -> None:
    """A rule only shrinks, says why, and leaves a smaller proposal or a richer account no less."""
    finding = rule.review(proposal, snapshot)
    allowed = finding.allowed_quantity
    assert finding.rule == rule.name, f"expected a finding in the name of {rule.name}, found {finding.rule!r}"
    assert 0 <= allowed <= proposal.quantity, f"{rule.name}: allowed {allowed} of {proposal.quantity}"
    explained = (allowed < proposal.quantity) == (finding.reason is not None)
    assert explained, f"{rule.name}: allowed {allowed} of {proposal.quantity} with the reason {finding.reason}"
    assert finding.unit, f"{rule.name}: a finding needs the unit of its limit"
    assert finding.limit.is_finite(), f"{rule.name}: limit {finding.limit} is not a number"
    assert finding.observed.is_finite(), f"{rule.name}: observed {finding.observed} is not a number"
    assert rule.review(proposal, snapshot) == finding, f"{rule.name}: the same question got another answer"
    for quantity in {proposal.quantity / 2, allowed} - {Decimal(0)}:
        smaller = rule.review(_part(proposal, quantity), snapshot).allowed_quantity
        least = min(quantity, allowed)
        assert smaller >= least, (
            f"{rule.name}: of {quantity} only {smaller} is allowed, of {proposal.quantity} {allowed}"
        )
    richer = replace(snapshot, money=replace(snapshot.money, equity=snapshot.money.equity + _MORE))
    then = rule.review(proposal, richer).allowed_quantity
    assert then >= allowed, f"{rule.name}: with {_MORE} more equity {then} is allowed, without {allowed}"


def _part(proposal: Proposal, quantity: Decimal) -> Proposal:
    """The same wish for less, which costs less in proportion."""
    cost = proposal.cost.part(quantity / proposal.quantity) if proposal.cost else None
    return replace(proposal, quantity=quantity, cost=cost)


def check_sizing(
    sizing: Sizing, instrument: str, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, more: Decimal
) -> None:
    """A size is a finite number, 0 or more; more equity never makes it smaller, a wider stop never larger."""
    specification = INSTRUMENTS[instrument]
    size = sizing.size(specification, price, stop_distance, snapshot)
    assert size.is_finite(), f"{sizing.name}: {size} is not a number"
    assert size >= 0, f"{sizing.name}: {size} is below 0"
    richer = replace(snapshot, money=replace(snapshot.money, equity=snapshot.money.equity + more))
    larger = sizing.size(specification, price, stop_distance, richer)
    assert larger >= size, f"{sizing.name}: {more} more equity makes {larger} of {size}"
    wider = sizing.size(specification, price, stop_distance * 2, snapshot)
    assert wider <= size, f"{sizing.name}: a stop twice as far makes {wider} of {size}"
