"""Limit how many times its equity the account is exposed."""

from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, equity_of
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cap_exposure, refuse

_UNIT = "times equity"


class Leverage(RiskRule):
    """Be exposed to no more than a number of times the equity: the value of all positions together, beside it.

    It cuts where `total_exposure` with the same number does, and tells what it found as leverage, as venues and
    regulators do. A policy has the one that its owner thinks in, or both with different numbers.
    """

    limit: Decimal = Field(
        default=Decimal(5), gt=0, le=500, description="Largest value of all positions, as a multiple of equity."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        equity = equity_of(snapshot)
        if isinstance(equity, Missing):
            return refuse(self, equity, limit=self.limit, unit=_UNIT)
        others = snapshot.exposed_instruments() - {proposal.instrument}
        weights = dict.fromkeys(sorted(others), Decimal(1))
        found = cap_exposure(self, proposal, snapshot, multiple=self.limit, weights=weights, reason=Reason.LEVERAGE)
        return replace(found, limit=self.limit, observed=found.observed / equity, unit=_UNIT)
