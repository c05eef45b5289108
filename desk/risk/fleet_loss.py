"""Open nothing on a day on which the whole fleet has lost too much."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, fleet_day_start, fleet_equity
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse


class FleetLoss(RiskRule):
    """Open nothing once all accounts together have lost a share of what they had when the UTC day began.

    Open profit and loss count, and what one account has won makes up for what another has lost. What it observes is the
    loss; below 0 it is a profit.
    """

    spares_offsets = True

    fraction: Decimal = Field(
        default=Decimal("0.03"), gt=0, le=1, description="Loss of the day from which nothing is opened, as a fraction."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, start, equity = snapshot.money.currency, fleet_day_start(snapshot), fleet_equity(snapshot)
        if isinstance(start, Missing):
            return refuse(self, start, limit=Decimal(0), unit=unit)
        limit = start * self.fraction
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=limit, unit=unit)
        loss = start - equity
        refused = loss >= limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=limit,
            observed=loss,
            unit=unit,
            reason=Reason.FLEET_LOSS if refused else None,
        )
