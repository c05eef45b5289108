"""Risk rules, one file each: how much of a proposal may go ahead; and what the rules about exposure share."""

from collections.abc import Collection
from decimal import ROUND_DOWN, Context, Decimal, localcontext

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

_EXACT = Context(prec=100, rounding=ROUND_DOWN)
# Fewer digits than the 28 of everyday decimals, so that rounding to the lot afterwards cannot round the last one up.
_DIGITS = Context(prec=20, rounding=ROUND_DOWN)


def cap_exposure(
    rule: RiskRule,
    proposal: Proposal,
    snapshot: Snapshot,
    *,
    multiple: Decimal,
    others: Collection[str],
    reason: Reason,
) -> Finding:
    """Cut a proposal to what a multiple of equity leaves; refuse it where anything that counts cannot be valued.

    Args:
        rule: in whose name the finding is made.
        proposal: the wish.
        snapshot: gives equity, prices, and what is held already.
        multiple: the limit, as a multiple of equity.
        others: instruments whose exposure counts besides the proposal's own.
        reason: under which the proposal is cut or refused.

    Returns:
        A finding in account currency; `observed` is the exposure that there would be with the whole proposal.
    """
    limit = snapshot.money.equity * multiple
    values: dict[str, Decimal] = {}
    for name in (*others, proposal.instrument):
        value = _unit_value(name, snapshot)
        if isinstance(value, Reason):
            return _refusal(rule, limit, snapshot, value)
        values[name] = value
    held = snapshot.quantity(proposal.instrument) * proposal.side.sign
    with localcontext(_EXACT):
        besides = sum((abs(snapshot.quantity(name)) * values[name] for name in others), Decimal(0))
        fits = (limit - besides) / values[proposal.instrument] - held
        observed = besides + abs(held + proposal.quantity) * values[proposal.instrument]
    unit = snapshot.money.currency
    if proposal.quantity <= fits:
        return rule.finding(proposal.quantity, limit=limit, observed=observed, unit=unit, reason=None)
    allowed = max(Decimal(0), _DIGITS.plus(fits))
    return rule.finding(allowed, limit=limit, observed=observed, unit=unit, reason=reason)


def _unit_value(instrument: str, snapshot: Snapshot) -> Decimal | Reason:
    quote, rate = snapshot.quotes.get(instrument), snapshot.rate(instrument)
    if quote is None or quote.mid <= 0:
        return Reason.STALE_DATA
    if rate is None or rate <= 0:
        return Reason.NO_CONVERSION_RATE
    return quote.mid * rate


def _refusal(rule: RiskRule, limit: Decimal, snapshot: Snapshot, reason: Reason) -> Finding:
    return rule.finding(Decimal(0), limit=limit, observed=Decimal(0), unit=snapshot.money.currency, reason=reason)
