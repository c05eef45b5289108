"""Leave an instrument alone for a while after losing money in it."""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

_SECOND = timedelta(seconds=1)


class CooldownAfterLoss(RiskRule):
    """Open nothing in an instrument until some time after the last trade in it that lost money after fees.

    It is meant to last longer than the cooldown after any trade: a loss says that the idea was wrong. What it observes
    is the time since the loss, counted up to the period and no further.
    """

    period: timedelta = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        le=timedelta(days=21),
        description="Time from the last loss to the next opening trade, as seconds or as in PT1H.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        since = snapshot.at - self.period
        trades = (trade for trade in snapshot.closed_since(since) if trade.instrument == proposal.instrument)
        last = max((trade.closed_at for trade in trades if trade.is_loss), default=since)
        passed = min(self.period, snapshot.at - last)
        refused = passed < self.period
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(str(self.period / _SECOND)),
            observed=Decimal(str(passed / _SECOND)),
            unit="seconds",
            reason=Reason.COOLDOWN_AFTER_LOSS if refused else None,
            detail="since the last loss, where the limit is the least",
        )
