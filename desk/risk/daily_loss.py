"""Open nothing on a day on which the account has lost too much."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, equity_of, is_known
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse


class DailyLoss(RiskRule):
    """Open nothing while the account has less than a share of what it had when the UTC day began.

    Open profit and loss count. It refuses trade by trade and changes no state: once the loss is made up for, or the day
    is over, the next trade passes, and nobody has to resume. The breaker of a policy does more, and is set wider: it
    reduces the whole account, tells a person, and lasts until it is lifted.
    """

    spares_offsets = True

    fraction: Decimal = Field(
        default=Decimal("0.02"), gt=0, le=1, description="Loss of the day from which nothing is opened, as a fraction."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, start, equity = snapshot.money.currency, snapshot.day_start_equity, equity_of(snapshot)
        if not is_known(start):
            missing = Missing(Reason.NOT_KNOWN, f"expected an equity above 0 when the day began, found {start} {unit}")
            return refuse(self, missing, limit=Decimal(0), unit=unit)
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
            reason=Reason.DAILY_LOSS if refused else None,
        )
