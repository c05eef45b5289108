"""Leave an instrument alone for a while after trading it."""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

_SECOND = timedelta(seconds=1)


class Cooldown(RiskRule):
    """Open nothing in an instrument until some time after its last fill, whatever that fill was for.

    A stop that was just hit is no reason to try again at once. What it observes is the time since the last fill,
    counted up to the period and no further.
    """

    period: timedelta = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        le=timedelta(days=7),
        description="Time from the last fill to the next opening trade, as seconds or as in PT15M.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        fills = (fill.at for fill in snapshot.recent_fills if fill.instrument == proposal.instrument)
        last = max(fills, default=snapshot.at - self.period)
        passed = min(self.period, snapshot.at - last)
        refused = passed < self.period
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(str(self.period / _SECOND)),
            observed=Decimal(str(passed / _SECOND)),
            unit="seconds",
            reason=Reason.COOLDOWN if refused else None,
        )
