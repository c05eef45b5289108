"""Pause after several losing trades in a row."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile
from operator import attrgetter

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.pauses import Pause, moment
from desk.model.reasons import Reason
from desk.model.records import ClosedTrade
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule


class ConsecutiveLosses(RiskRule):
    """Open nothing for a while once the last trades of the account, in a row, have lost money after fees.

    The pause begins with the last of them; after it one trade is tried, and if it loses as well, the next pause begins.
    The limit of the same name in the breaker reduces the account until a person resumes it, and then counts anew.
    """

    spares_offsets = True

    losses: int = Field(default=4, ge=1, le=1000, description="Losing trades in a row after which the account pauses.")
    pause: timedelta = Field(
        default=timedelta(hours=12),
        gt=timedelta(0),
        le=timedelta(days=7),
        description="Time from the last of them to the next opening trade, as seconds or as in PT12H.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        streak = _last_losses(snapshot.closed_trades)
        end = Pause(self.pause).end(streak[0].closed_at) if len(streak) >= self.losses else snapshot.at
        refused = end > snapshot.at
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(self.losses),
            observed=Decimal(len(streak)),
            unit="trades in a row",
            reason=Reason.CONSECUTIVE_LOSSES if refused else None,
            detail=f"until {moment(end)}" if refused else "",
        )


def _last_losses(trades: Iterable[ClosedTrade]) -> list[ClosedTrade]:
    """The losing trades since the last one that lost nothing, newest first."""
    newest_first = sorted(trades, key=attrgetter("closed_at"), reverse=True)
    return list(takewhile(lambda trade: trade.is_loss, newest_first))
