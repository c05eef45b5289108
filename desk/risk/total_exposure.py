"""Limit what the account holds of everything together."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cap_exposure


class TotalExposure(RiskRule):
    """Hold no more of all instruments together than a multiple of equity, orders that may still fill included.

    Long and short positions add up; none offsets another. A larger proposal is cut to what is left. While anything
    that is held has no quote or no conversion rate, nothing is added.
    """

    multiple: Decimal = Field(
        default=Decimal(3), gt=0, le=50, description="Largest value of all positions, as a multiple of equity."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        others = snapshot.exposed_instruments() - {proposal.instrument}
        weights = dict.fromkeys(sorted(others), Decimal(1))
        return cap_exposure(
            self, proposal, snapshot, multiple=self.multiple, weights=weights, reason=Reason.TOTAL_EXPOSURE
        )
