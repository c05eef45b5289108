"""Pause once the closed trades of a period have given back too much."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.pauses import Pause, counts_since, look_back_whole
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade, gains
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule, TimeOfDay


class TradeDrawdown(RiskRule):
    """Open nothing for a while once the closed trades of a look-back have fallen too far from their best.

    Whenever a trade is closed, the gains of those of the look-back are summed up one after the other, each as a
    fraction of its value at the entry. Where the sum has fallen by more than the limit from its highest point, which is
    never below 0, and the trades are enough to judge, the pause begins. Trades whose value at the entry is not known
    have fallen too far; those that were adjusted are left out, and said to be. The rule `drawdown` looks at the
    account's equity instead.
    """

    lookback: timedelta = Field(
        default=timedelta(days=2),
        gt=timedelta(0),
        le=timedelta(days=21),
        description="How far back closed trades count, as seconds or as in P2D.",
    )
    trades: int = Field(default=10, ge=1, le=1000, description="Fewest closed trades that are enough to judge.")
    limit: Decimal = Field(
        default=Decimal("0.2"), gt=0, le=100, description="Largest fall of the sum that is no reason to pause."
    )
    pause: timedelta = Field(
        default=timedelta(hours=12),
        gt=timedelta(0),
        le=timedelta(days=7),
        description="Time from the last of them to the next opening trade, as seconds or as in PT12H.",
    )
    unlock_at: TimeOfDay | None = Field(
        default=None, description="The time of day in UTC, such as 08:30, at which it ends instead of after the pause."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        pause = Pause(self.pause, self.unlock_at)
        since = counts_since(snapshot.at, self.lookback, pause)
        seen = look_back_whole(
            snapshot.closed_since(since),
            snapshot.at,
            period=self.lookback,
            pause=pause,
            is_enough=self._is_too_deep,
        )
        fall = _fall(seen.trades)
        reason = Reason.NOT_KNOWN if fall is None else Reason.TRADE_DRAWDOWN
        return self.finding(
            Decimal(0) if seen.until else proposal.quantity,
            limit=self.limit,
            observed=Decimal(0) if fall is None else fall,
            unit="of the entry value",
            reason=reason if seen.until else None,
            detail=f"{seen}{'; of some the value at the entry is not known' if fall is None else ''}",
        )

    def _is_too_deep(self, trades: Sequence[ClosedTrade]) -> bool:
        fall = _fall(trades)
        return len(trades) >= self.trades and (fall is None or fall > self.limit)


def _fall(trades: Sequence[ClosedTrade]) -> Decimal | None:
    """The deepest fall of the running sum of the gains, or None where one of them cannot be told."""
    found = gains(trades)
    if found is None:
        return None
    sums = list(accumulate(found, initial=Decimal(0)))
    return max(highest - now for highest, now in zip(accumulate(sums, max), sums, strict=True))
