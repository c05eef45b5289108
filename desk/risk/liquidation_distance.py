"""Keep the price at which the venue would close a position by force well behind its stop."""

from decimal import Decimal, localcontext

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import EXACT, Missing, equity_of, is_known, stop_distance, unit_values
from desk.model.instrument import InstrumentKind
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse

_SPOT = "bought with the account's own money: nothing to be closed by force"


class LiquidationDistance(RiskRule):
    """Open only what the venue would close by force a number of times further away than the trade's own stop.

    Where that is follows from the leverage after the trade: with cross margin and a linear contract, a position of the
    value P is closed once the price has moved against it by (equity - m x all exposure) / (P x (1 - m)) of itself, for
    a short one 1 + m, with the maintenance margin m. A larger trade is cut to the largest P that keeps the distance.
    Where the venue tells the liquidation price of what is held already, that has to be far enough as well. What is
    bought outright, on spot markets, passes.
    """

    stop_multiple: Decimal = Field(
        default=Decimal(2), gt=0, le=100, description="Least distance to the liquidation, in distances to the stop."
    )
    maintenance_fraction: Decimal = Field(
        default=Decimal("0.025"),
        gt=0,
        le=0.5,
        description="Maintenance margin, as a fraction of a position's value.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit = snapshot.money.currency
        if snapshot.instruments[proposal.instrument].kind is InstrumentKind.SPOT:
            nothing = Decimal(0)
            return self.finding(
                proposal.quantity, limit=nothing, observed=nothing, unit=unit, reason=None, detail=_SPOT
            )
        distance = stop_distance(proposal)
        if isinstance(distance, Missing):
            return refuse(self, distance, limit=Decimal(0), unit=unit)
        told = self._told(proposal, snapshot, distance)
        return told or self._computed(proposal, snapshot, distance)

    def _told(self, proposal: Proposal, snapshot: Snapshot, distance: Decimal) -> Finding | None:
        """A refusal where the venue's own liquidation price is no price, or is too near."""
        held = snapshot.position(proposal.instrument)
        if held is None or held.liquidation_price is None or held.side is not proposal.side:
            return None
        limit, told = self.stop_multiple * distance, held.liquidation_price
        if not is_known(told):
            missing = Missing(Reason.NOT_KNOWN, f"expected a liquidation price above 0, found {told}")
            return refuse(self, missing, limit=limit, unit="in price")
        room = (proposal.reference_price - told) * proposal.side.sign
        if room >= limit:
            return None
        detail = f"the venue would close what is held at {told:f}"
        return self.finding(
            Decimal(0), limit=limit, observed=room, unit="in price", reason=Reason.LIQUIDATION_DISTANCE, detail=detail
        )

    def _computed(self, proposal: Proposal, snapshot: Snapshot, distance: Decimal) -> Finding:
        unit, equity = snapshot.money.currency, equity_of(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=Decimal(0), unit=unit)
        others = sorted(snapshot.exposed_instruments() - {proposal.instrument})
        values = unit_values((*others, proposal.instrument), snapshot)
        if isinstance(values, Missing):
            return refuse(self, values, limit=Decimal(0), unit=unit)
        each, share = values[proposal.instrument], self.maintenance_fraction
        with localcontext(EXACT):
            exposure = sum((abs(snapshot.quantity(name)) * values[name] for name in others), Decimal(0))
            move = self.stop_multiple * distance / proposal.reference_price
            limit = (equity - share * exposure) / (share + move * (1 - share * proposal.side.sign))
            taken = snapshot.quantity(proposal.instrument) * proposal.side.sign * each
        return cut(
            self,
            proposal,
            limit=limit,
            each=each,
            taken=taken,
            unit=unit,
            reason=Reason.LIQUIDATION_DISTANCE,
            detail=f"the largest position that the price may move against by {move * 100:.2f} %",
        )
