"""Pause after several stops within a period."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.pauses import Pause, counts_since, look_back
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule, TimeOfDay


class StopLossGuard(RiskRule):
    """Open nothing for a while once several trades within a period ended at their stop with a loss.

    Whenever a trade is closed, those of the look-back that a stop closed, a trailing one included, or the venue by
    force, are counted; where they are as many as allowed, the pause begins. They are counted in the whole account, per
    instrument, per side, or per instrument and side, and what is paused is the same.
    """

    lookback: timedelta = Field(
        default=timedelta(days=1),
        gt=timedelta(0),
        le=timedelta(days=21),
        description="How far back stops count, as seconds or as in P1D.",
    )
    stops: int = Field(default=4, ge=1, le=1000, description="Stops from which nothing is opened.")
    profit_below: Decimal = Field(
        default=Decimal(0), ge=-10, le=10, description="A stop counts if it brought less than this of the entry value."
    )
    pause: timedelta = Field(
        default=timedelta(hours=4),
        gt=timedelta(0),
        le=timedelta(days=7),
        description="Time from the last closed trade to the next opening one, as seconds or as in PT4H.",
    )
    unlock_at: TimeOfDay | None = Field(
        default=None, description="The time of day in UTC, such as 08:30, at which it ends instead of after the pause."
    )
    per_instrument: bool = Field(
        default=False, strict=True, description="Whether each instrument is counted and paused for itself."
    )
    per_side: bool = Field(
        default=False, strict=True, description="Whether long and short trades are counted and paused for themselves."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        pause = Pause(self.pause, self.unlock_at)
        since = counts_since(snapshot.at, self.lookback, pause)
        seen = look_back(
            (trade for trade in snapshot.closed_since(since) if self._is_about(trade, proposal)),
            snapshot.at,
            period=self.lookback,
            pause=pause,
            is_enough=lambda trades: self._stops(trades) >= self.stops,
        )
        return self.finding(
            Decimal(0) if seen.until else proposal.quantity,
            limit=Decimal(self.stops),
            observed=Decimal(self._stops(seen.trades)),
            unit="stops",
            reason=Reason.STOP_LOSS_GUARD if seen.until else None,
            detail=f"among {seen}",
        )

    def _is_about(self, trade: ClosedTrade, proposal: Proposal) -> bool:
        is_instrument = trade.instrument == proposal.instrument or not self.per_instrument
        return is_instrument and (trade.side is proposal.side or not self.per_side)

    def _stops(self, trades: Sequence[ClosedTrade]) -> int:
        return sum(trade.was_stopped and self._counts(trade) for trade in trades)

    def _counts(self, trade: ClosedTrade) -> bool:
        """Whether it lost enough; the sign of a profit is known even where the value at the entry is not."""
        if self.profit_below == 0:
            return trade.is_loss
        return trade.gain is None or trade.gain < self.profit_below
