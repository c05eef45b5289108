"""Trade only what is traded enough, and only a small part of it."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, is_known, rate_of, unit_value
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import cut, refuse


class Liquidity(RiskRule):
    """Send no order that is more than a share of what the market turned over in 24 hours, and none to a thin market.

    A larger order is cut to the share; below a least turnover nothing is opened. Where the turnover is not known, as
    with feeds that count ticks, nothing is opened: leave the rule out for currencies.
    """

    fraction: Decimal = Field(
        default=Decimal("0.001"), gt=0, le=1, description="Largest value of an order, as a fraction of the turnover."
    )
    turnover: Decimal = Field(
        default=Decimal(1_000_000), gt=0, le=10**8, description="Least turnover of 24 hours, in account currency."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        unit, turnover = snapshot.money.currency, _turnover(proposal.instrument, snapshot)
        value = unit_value(proposal.instrument, snapshot)
        if isinstance(turnover, Missing):
            return refuse(self, turnover, limit=self.turnover, unit=unit)
        if isinstance(value, Missing):
            return refuse(self, value, limit=self.turnover, unit=unit)
        if turnover < self.turnover:
            detail = "turned over in 24 hours, where the limit is the least"
            return self.finding(
                Decimal(0),
                limit=self.turnover,
                observed=turnover,
                unit=unit,
                reason=Reason.LIQUIDITY,
                detail=detail,
            )
        limit = turnover * self.fraction
        return cut(self, proposal, limit=limit, each=value, unit=unit, reason=Reason.LIQUIDITY)


def _turnover(instrument: str, snapshot: Snapshot) -> Decimal | Missing:
    """What was traded in the last 24 hours, in account currency."""
    turnover, rate = snapshot.surroundings.turnover.get(instrument), rate_of(instrument, snapshot)
    if not is_known(turnover):
        found = "nothing" if turnover is None else turnover
        return Missing(Reason.NOT_KNOWN, f"expected the turnover of {instrument} in 24 hours, found {found}")
    return rate if isinstance(rate, Missing) else turnover * rate
