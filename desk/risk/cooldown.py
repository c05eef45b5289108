"""Leave an instrument alone for a while after trading it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.pauses import Pause
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule, TimeOfDay

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
    unlock_at: TimeOfDay | None = Field(
        default=None, description="The time of day in UTC, such as 08:30, at which it ends instead of after the period."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        last = max(_traded_at(proposal.instrument, snapshot), default=None)
        pause = Pause(self.period, self.unlock_at)
        period = pause.longest if last is None else pause.end(last) - last
        passed = period if last is None else min(period, snapshot.at - last)
        refused = passed < period
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(str(period / _SECOND)),
            observed=Decimal(str(passed / _SECOND)),
            unit="seconds",
            reason=Reason.COOLDOWN if refused else None,
            detail="since the last fill, where the limit is the least",
        )


def _traded_at(instrument: str, snapshot: Snapshot) -> Iterator[datetime]:
    """When fills came; those of trades that are over are known for longer than single fills are."""
    fills = (fill for fill in snapshot.recent_fills if not fill.reason.is_charge)
    yield from (fill.at for fill in fills if fill.instrument == instrument)
    yield from (trade.closed_at for trade in snapshot.closed_trades if trade.instrument == instrument)
