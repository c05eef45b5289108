"""Limit what one order is worth."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, unit_value
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse


class OrderNotional(RiskRule):
    """Send no order that is worth more than a fixed amount, whatever the account has grown to.

    The limit is an amount and no share of equity, so that a wrong equity does not widen it. A larger order is cut.
    """

    notional: Decimal = Field(
        default=Decimal(100_000), gt=0, le=10**8, description="Largest value of one order, in account currency."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        value, unit = unit_value(proposal.instrument, snapshot), snapshot.money.currency
        if isinstance(value, Missing):
            return refuse(self, value, limit=self.notional, unit=unit)
        return cut(self, proposal, limit=self.notional, each=value, unit=unit, reason=Reason.ORDER_NOTIONAL)
