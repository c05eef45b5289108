"""Limit what all accounts of the fleet hold together."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, fleet_equity, fleet_exposure
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cap_value, refuse


class FleetExposure(RiskRule):
    """Hold no more in all accounts together than a multiple of what they all own, across venues.

    Long and short positions add up, as in `total_exposure`. Other accounts are seen as the ledger knows them: two that
    decide at the same moment do not see each other's trade yet. While one of them cannot be valued, nothing is added.
    """

    multiple: Decimal = Field(
        default=Decimal(2),
        gt=0,
        le=50,
        description="Largest value of all positions of the fleet, as a multiple of its equity.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, equity, taken = snapshot.money.currency, fleet_equity(snapshot), fleet_exposure(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=Decimal(0), unit=unit)
        limit = equity * self.multiple
        if isinstance(taken, Missing):
            return refuse(self, taken, limit=limit, unit=unit)
        others = snapshot.exposed_instruments() - {proposal.instrument}
        weights = dict.fromkeys(sorted(others), Decimal(1))
        return cap_value(
            self, proposal, snapshot, limit=limit, weights=weights, reason=Reason.FLEET_EXPOSURE, besides=taken
        )
