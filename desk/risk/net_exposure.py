"""Limit how far what is long and what is short may differ."""

from decimal import Decimal, localcontext

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import EXACT, Missing, equity_of, unit_values
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse


class NetExposure(RiskRule):
    """Lean no further to one side, long or short, than a multiple of equity, orders that may still fill included.

    Long and short positions offset each other here, whatever they are in. What it observes is counted in the direction
    of the trade: below 0, the account leans to the other side even with it. A larger proposal is cut.
    """

    multiple: Decimal = Field(
        default=Decimal(2), gt=0, le=50, description="Largest difference of long and short, as a multiple of equity."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, equity = snapshot.money.currency, equity_of(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=Decimal(0), unit=unit)
        limit, held = equity * self.multiple, sorted(snapshot.exposed_instruments())
        values = unit_values((*held, proposal.instrument), snapshot)
        if isinstance(values, Missing):
            return refuse(self, values, limit=limit, unit=unit)
        with localcontext(EXACT):
            net = sum((snapshot.quantity(name) * values[name] for name in held), Decimal(0))
            taken = net * proposal.side.sign
        each = values[proposal.instrument]
        return cut(self, proposal, limit=limit, each=each, taken=taken, unit=unit, reason=Reason.NET_EXPOSURE)
