"""Limit what one trade can lose at its stop."""

from decimal import Decimal, localcontext

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import EXACT, Missing, equity_of, rate_of, stop_distance
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse

_BPS = 10_000


class RiskPerTrade(RiskRule):
    """Lose no more at the stop of one trade than a share of equity, costs of both ways included.

    It does not trust the sizing: the loss is reckoned anew from reference price, stop, quantity and conversion rate. A
    larger trade is cut; one without a stop on the right side of the price is refused. A gap can jump over a stop, and
    nothing that is known before tells how far.
    """

    fraction: Decimal = Field(
        default=Decimal("0.01"), gt=0, le=1, description="Largest loss at the stop, as a fraction of equity."
    )
    cost_bps: Decimal = Field(
        default=Decimal(2), gt=0, le=1000, description="Fees and slippage of entry and exit, in bps of the price."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, equity = snapshot.money.currency, equity_of(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=Decimal(0), unit=unit)
        limit, loss = self.fraction * equity, self._unit_loss(proposal, snapshot)
        if isinstance(loss, Missing):
            return refuse(self, loss, limit=limit, unit=unit)
        return cut(self, proposal, limit=limit, each=loss, unit=unit, reason=Reason.RISK_PER_TRADE)

    def _unit_loss(self, proposal: Proposal, snapshot: Snapshot) -> Decimal | Missing:
        """What one base unit loses from reference price to stop, in account currency."""
        distance, rate = stop_distance(proposal), rate_of(proposal.instrument, snapshot)
        if isinstance(distance, Missing):
            return distance
        if isinstance(rate, Missing):
            return rate
        with localcontext(EXACT):
            return (distance + proposal.reference_price * self.cost_bps / _BPS) * rate
