"""Limit in how many instruments the account is at a time."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule


class NumberOfPositions(RiskRule):
    """Be in no more instruments at a time than a fixed number.

    An instrument counts with an open position, with an order that may still fill, and with one whose outcome is not
    known. Adding to one that counts already is not this rule's business.
    """

    limit: int = Field(default=5, ge=1, le=200, description="Largest number of instruments at a time.")

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        taken = snapshot.exposed_instruments() | snapshot.blocked.keys()
        count = len(taken | {proposal.instrument})
        refused = proposal.instrument not in taken and count > self.limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(self.limit),
            observed=Decimal(count),
            unit="positions",
            reason=Reason.NUMBER_OF_POSITIONS if refused else None,
        )
