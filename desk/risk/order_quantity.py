"""Limit how many units one order is for."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut


class OrderQuantity(RiskRule):
    """Send no order for more than a fixed number of base units, whatever a price or a rate says.

    It needs no fact about the market, so that no wrong one can widen it. The number stands for units of a currency,
    ounces and coins alike: an account that trades different things needs the one of its largest.
    """

    quantity: Decimal = Field(
        default=Decimal(1_000_000), gt=0, le=10**8, description="Largest quantity of one order, in base units."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        return cut(
            self, proposal, limit=self.quantity, each=Decimal(1), unit="base units", reason=Reason.ORDER_QUANTITY
        )
