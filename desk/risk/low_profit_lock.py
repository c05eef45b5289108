"""Leave an instrument alone for a while whose last trades have brought too little."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.pauses import Pause, counts_since, look_back_whole
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade, gains
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule, TimeOfDay


class LowProfitLock(RiskRule):
    """Open nothing in an instrument for a while when its trades of a look-back came to less than they must.

    Whenever one of its trades is closed, those of the look-back are added up, each as a fraction of its value at the
    entry, after fees. Where they are enough to judge and their sum is below the required one, the pause begins. Trades
    whose value at the entry is not known bring too little; those that were adjusted are left out, and said to be.
    """

    lookback: timedelta = Field(
        default=timedelta(days=2),
        gt=timedelta(0),
        le=timedelta(days=21),
        description="How far back closed trades count, as seconds or as in P2D.",
    )
    trades: int = Field(default=4, ge=1, le=1000, description="Fewest closed trades that are enough to judge.")
    required_profit: Decimal = Field(
        default=Decimal(0), ge=-10, le=10, description="Smallest sum of the trades, in fractions of their entry values."
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
    per_side: bool = Field(
        default=False, strict=True, description="Whether long and short trades are judged and paused for themselves."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        pause = Pause(self.pause, self.unlock_at)
        since = counts_since(snapshot.at, self.lookback, pause)
        side, name = proposal.side if self.per_side else None, proposal.instrument
        seen = look_back_whole(
            [one for one in snapshot.closed_since(since) if one.instrument == name and side in (None, one.side)],
            snapshot.at,
            period=self.lookback,
            pause=pause,
            is_enough=self._is_too_little,
        )
        total = _total(seen.trades)
        reason = Reason.NOT_KNOWN if total is None else Reason.LOW_PROFIT_LOCK
        return self.finding(
            Decimal(0) if seen.until else proposal.quantity,
            limit=self.required_profit,
            observed=Decimal(0) if total is None else total,
            unit="of the entry value",
            reason=reason if seen.until else None,
            detail=f"{seen}{'; of some the value at the entry is not known' if total is None else ''}",
        )

    def _is_too_little(self, trades: Sequence[ClosedTrade]) -> bool:
        total = _total(trades)
        return len(trades) >= self.trades and (total is None or total < self.required_profit)


def _total(trades: Sequence[ClosedTrade]) -> Decimal | None:
    found = gains(trades)
    return None if found is None else sum(found, Decimal(0))
