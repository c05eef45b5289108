"""Limit what the account holds of one instrument."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cap_exposure


class PositionSize(RiskRule):
    """Hold no more of one instrument than a multiple of equity, orders that may still fill included.

    A larger proposal is cut to what is left. An instrument without a quote or a conversion rate is refused.
    """

    multiple: Decimal = Field(
        default=Decimal(1), gt=0, le=50, description="Largest value of one position, as a multiple of equity."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        return cap_exposure(self, proposal, snapshot, multiple=self.multiple, weights={}, reason=Reason.POSITION_SIZE)
