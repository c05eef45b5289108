"""Limit what the account holds of everything that moves with the proposal."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import exact
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cap_exposure


class CorrelatedExposure(RiskRule):
    """Hold no more of what moves with the proposal than a multiple of equity, the proposal included.

    Every open position counts with its correlation to the proposal, as far as both would lose together: two positions
    in the same direction by a correlation above 0, opposite ones by one below 0. What offsets the proposal makes no
    room. A correlation that is not known counts as 1, whatever the directions.
    """

    multiple: Decimal = Field(
        default=Decimal("1.5"),
        gt=0,
        le=50,
        description="Largest value of what moves together, as a multiple of equity.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        others = snapshot.exposed_instruments() - {proposal.instrument}
        weights = {name: _share(proposal, snapshot, name) for name in sorted(others)}
        return cap_exposure(
            self, proposal, snapshot, multiple=self.multiple, weights=weights, reason=Reason.CORRELATED_EXPOSURE
        )


def _share(proposal: Proposal, snapshot: Snapshot, other: str) -> Decimal:
    """How much of a position counts, from 0 to 1."""
    correlation = snapshot.surroundings.correlation(proposal.instrument, other)
    if correlation is None or not -1 <= correlation <= 1:
        return Decimal(1)
    together = correlation if snapshot.quantity(other) * proposal.side.sign > 0 else -correlation
    return exact(max(0.0, together))
