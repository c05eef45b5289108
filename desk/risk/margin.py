"""Limit how much of the equity margin ties up."""

from decimal import Decimal, localcontext

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import EXACT, Missing, equity_of, unit_values
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse


class Margin(RiskRule):
    """Tie up no more than a share of equity as margin after the trade, so that a loss does not reach the margin call.

    What is tied up now is the venue's own word. The trade, orders that may still fill and what was approved a moment
    ago are added at a margin that the operator gives, because venues differ by instrument and by account: the largest
    that the venue asks for is the safe one. A larger trade is cut; while the venue does not tell, nothing is opened.
    """

    fraction: Decimal = Field(
        default=Decimal("0.5"), gt=0, le=1, description="Largest share of equity that is tied up; the rest is a buffer."
    )
    margin_fraction: Decimal = Field(
        default=Decimal("0.05"), gt=0, le=1, description="Margin of a new position, as a fraction of its value."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, equity = snapshot.money.currency, equity_of(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=Decimal(0), unit=unit)
        limit, used = equity * self.fraction, _used(snapshot)
        working = _working(snapshot)
        values = unit_values((*working, proposal.instrument), snapshot)
        if isinstance(used, Missing):
            return refuse(self, used, limit=limit, unit=unit)
        if isinstance(values, Missing):
            return refuse(self, values, limit=limit, unit=unit)
        with localcontext(EXACT):
            reserved = sum((quantity * values[name] for name, quantity in working.items()), Decimal(0))
            taken, each = used + reserved * self.margin_fraction, values[proposal.instrument] * self.margin_fraction
        return cut(self, proposal, limit=limit, each=each, taken=taken, unit=unit, reason=Reason.MARGIN)


def _used(snapshot: Snapshot) -> Decimal | Missing:
    used = snapshot.money.margin_used
    if used is not None and used.is_finite() and used >= 0:
        return used
    found = "nothing" if used is None else used
    return Missing(Reason.NOT_KNOWN, f"expected the margin that the venue ties up, found {found}")


def _working(snapshot: Snapshot) -> dict[str, Decimal]:
    """What may be added to positions, in base units above 0, by instrument."""
    held = {position.instrument: position.quantity for position in snapshot.positions}
    names = sorted({*snapshot.exposed_instruments(), *held})
    added = {name: abs(snapshot.quantity(name) - held.get(name, 0)) for name in names}
    return {name: quantity for name, quantity in added.items() if quantity != 0}
