"""Limit how many trades an account begins within an hour."""

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

_HOUR = timedelta(hours=1)


class TradesPerHour(RiskRule):
    """Begin no more trades within an hour than a fixed number, in all instruments together.

    A trade counts from its first fill, whether it is over or not; so does every instrument in which a trade was
    approved a moment ago, is working, or has no known outcome. Adding to a position begins no trade. The limits on
    orders in the breaker count what is sent, and halt the account.
    """

    limit: int = Field(default=6, ge=1, le=1000, description="Largest number of trades begun within an hour.")

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        begun = sum(at > snapshot.at - _HOUR for at in _beginnings(snapshot))
        held = {position.instrument for position in snapshot.positions}
        waiting = (snapshot.exposed_instruments() | snapshot.blocked.keys()) - held
        count = begun + len((waiting | {proposal.instrument}) - held)
        refused = proposal.instrument not in held | waiting and count > self.limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(self.limit),
            observed=Decimal(count),
            unit="trades",
            reason=Reason.TRADES_PER_HOUR if refused else None,
        )


def _beginnings(snapshot: Snapshot) -> tuple[datetime, ...]:
    over = (trade.opened_at for trade in snapshot.closed_since(snapshot.at - _HOUR))
    return (*over, *(position.opened_at for position in snapshot.positions))
