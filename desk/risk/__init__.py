"""Risk rules, one file each: how much of a proposal may go ahead; and what they share: refusing, cutting, exposure."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Context, Decimal, localcontext

from desk.model.books import Snapshot
from desk.model.facts import EXACT, Missing, equity_of, unit_values
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

# Fewer digits than the 28 of everyday decimals, so that rounding to the lot afterwards cannot round the last one up.
_DIGITS = Context(prec=20, rounding=ROUND_DOWN)


def refuse(rule: RiskRule, missing: Missing, *, limit: Decimal, unit: str) -> Finding:
    """Refuse a proposal for want of a fact; nothing was observed."""
    return rule.finding(
        Decimal(0), limit=limit, observed=Decimal(0), unit=unit, reason=missing.reason, detail=missing.detail
    )


def cut(
    rule: RiskRule,
    proposal: Proposal,
    *,
    limit: Decimal,
    each: Decimal,
    taken: Decimal = Decimal(0),
    unit: str,
    reason: Reason,
    detail: str = "",
) -> Finding:
    """Cut a proposal to what fits under a limit of which each base unit takes the same.

    Args:
        rule: in whose name the finding is made.
        proposal: the wish.
        limit: the most, in `unit`.
        each: what one base unit takes of it, above 0.
        taken: what is gone before the proposal; below 0 where the proposal first makes up for something.
        unit: of limit and observation.
        reason: under which the proposal is cut.
        detail: what the numbers do not say.

    Returns:
        A finding whose `observed` is what the whole proposal would bring.
    """
    with localcontext(EXACT):
        fits = (limit - taken) / each
        observed = taken + proposal.quantity * each
    whole = proposal.quantity <= fits
    allowed = proposal.quantity if whole else max(Decimal(0), _DIGITS.plus(fits))
    return rule.finding(
        allowed, limit=limit, observed=observed, unit=unit, reason=None if whole else reason, detail=detail
    )


def cap_exposure(
    rule: RiskRule,
    proposal: Proposal,
    snapshot: Snapshot,
    *,
    multiple: Decimal,
    weights: Mapping[str, Decimal],
    reason: Reason,
) -> Finding:
    """Cut a proposal to what a multiple of equity leaves; refuse it where anything that counts cannot be valued.

    Args:
        rule: in whose name the finding is made.
        proposal: the wish.
        snapshot: gives equity, prices, and what is held already.
        multiple: the limit, as a multiple of equity.
        weights: instruments whose exposure counts besides the proposal's own, and how much of it does.
        reason: under which the proposal is cut.

    Returns:
        A finding in account currency; `observed` is the exposure that there would be with the whole proposal.
    """
    equity = equity_of(snapshot)
    if isinstance(equity, Missing):
        return refuse(rule, equity, limit=Decimal(0), unit=snapshot.money.currency)
    return cap_value(rule, proposal, snapshot, limit=equity * multiple, weights=weights, reason=reason)


def cap_value(
    rule: RiskRule,
    proposal: Proposal,
    snapshot: Snapshot,
    *,
    limit: Decimal,
    weights: Mapping[str, Decimal],
    reason: Reason,
    besides: Decimal = Decimal(0),
) -> Finding:
    """Do as `cap_exposure` with an amount for a limit, of which `besides` is taken elsewhere."""
    values = unit_values((*weights, proposal.instrument), snapshot)
    if isinstance(values, Missing):
        return refuse(rule, values, limit=limit, unit=snapshot.money.currency)
    each = values[proposal.instrument]
    with localcontext(EXACT):
        held = snapshot.quantity(proposal.instrument) * proposal.side.sign * each
        others = (abs(snapshot.quantity(name)) * values[name] * weight for name, weight in weights.items())
        taken = sum(others, besides) + held
    return cut(rule, proposal, limit=limit, each=each, taken=taken, unit=snapshot.money.currency, reason=reason)
