"""Open nothing while the account is too far below its highest equity."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, equity_of, is_known
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse


class Drawdown(RiskRule):
    """Open nothing while the account has lost a share of the highest equity that it ever had.

    Open profit and loss count. It changes no state: what is open may bring the account back, and then the next trade
    passes. An account without positions stays where it is until somebody widens the limit. The drawdown of the breaker
    is for where a person shall lift it, and counts from the equity of that moment then.
    """

    spares_offsets = True

    fraction: Decimal = Field(
        default=Decimal("0.1"), gt=0, le=1, description="Loss since the highest equity, as a fraction of it."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, peak, equity = snapshot.money.currency, snapshot.peak_equity, equity_of(snapshot)
        if not is_known(peak):
            missing = Missing(Reason.NOT_KNOWN, f"expected a highest equity above 0, found {peak} {unit}")
            return refuse(self, missing, limit=Decimal(0), unit=unit)
        limit = peak * self.fraction
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=limit, unit=unit)
        loss = max(peak - equity, Decimal(0))
        refused = loss >= limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=limit,
            observed=loss,
            unit=unit,
            reason=Reason.DRAWDOWN if refused else None,
        )
