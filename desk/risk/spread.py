"""Refuse to pay a wide spread."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, quote_of
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse

_BPS = 10_000


class Spread(RiskRule):
    """Open nothing in an instrument while its bid and ask are further apart than a limit.

    The whole spread is what a round trip costs beside its fees. An instrument without a quote is refused.
    """

    limit_bps: Decimal = Field(
        default=Decimal(5), gt=0, le=1000, description="Largest distance of bid and ask, in bps of the middle."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        quote = quote_of(proposal.instrument, snapshot)
        if isinstance(quote, Missing):
            return refuse(self, quote, limit=self.limit_bps, unit="bps")
        spread = (quote.ask - quote.bid) / quote.mid * _BPS
        refused = spread > self.limit_bps
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=self.limit_bps,
            observed=spread,
            unit="bps",
            reason=Reason.SPREAD if refused else None,
        )
