"""Refuse to trade while bid and ask are further apart than is usual at the hour."""

import math
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, exact, quote_of
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse

_BPS = 10_000


class UnusualSpread(RiskRule):
    """Open nothing while the spread is more than a number of times what it usually is at that hour of day.

    It sees what a fixed limit does not: a market that widens before news, or when its day ends. Without a quote, or
    without candles of bid and ask that say what is usual, nothing is opened.
    """

    multiple: Decimal = Field(
        default=Decimal(3), gt=0, le=100, description="Largest spread, as a multiple of the usual one of the hour."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        quote, usual = quote_of(proposal.instrument, snapshot), _usual_bps(proposal.instrument, snapshot)
        if isinstance(usual, Missing):
            return refuse(self, usual, limit=Decimal(0), unit="bps")
        limit = usual * self.multiple
        if isinstance(quote, Missing):
            return refuse(self, quote, limit=limit, unit="bps")
        spread = (quote.ask - quote.bid) / quote.mid * _BPS
        refused = spread > limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=limit,
            observed=spread,
            unit="bps",
            reason=Reason.UNUSUAL_SPREAD if refused else None,
        )


def _usual_bps(instrument: str, snapshot: Snapshot) -> Decimal | Missing:
    usual = snapshot.surroundings.usual_spread.get(instrument)
    if usual is not None and math.isfinite(usual) and usual > 0:
        return exact(usual) * _BPS
    found = "nothing" if usual is None else usual
    return Missing(Reason.NOT_KNOWN, f"expected the usual spread of {instrument} at this hour, found {found}")
