"""Send no order whose price is far from where the market is."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing, is_known, quote_of
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse

_BPS = 10_000


class PriceCollar(RiskRule):
    """Open nothing at a price that is too far from the newest closed candle or from the middle of the quote.

    Each catches the other's mistake: a quote that jumps leaves the candle behind, and a wide one its own middle. Both
    directions count, because a price that is too good is wrong as well. The one that is further beyond its limit is
    told. Without a close or a quote nothing is opened; how old a quote may be is for `stale_data` to say.
    """

    close_bps: Decimal = Field(
        default=Decimal(200), gt=0, le=5000, description="Largest distance from the newest close, in bps of it."
    )
    mid_bps: Decimal = Field(
        default=Decimal(25), gt=0, le=5000, description="Largest distance from the middle of the quote, in bps of it."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        close, quote = _close(proposal, snapshot), quote_of(proposal.instrument, snapshot)
        if isinstance(close, Missing):
            return refuse(self, close, limit=self.close_bps, unit="bps")
        if isinstance(quote, Missing):
            return refuse(self, quote, limit=self.mid_bps, unit="bps")
        price = proposal.reference_price
        if not is_known(price):
            missing = Missing(Reason.NOT_KNOWN, f"expected a price above 0, found {price}")
            return refuse(self, missing, limit=self.mid_bps, unit="bps")
        distances = (
            (_distance(price, close), self.close_bps, f"from the newest close, {close:f}"),
            (_distance(price, quote.mid), self.mid_bps, f"from the middle of the quote, {quote.mid:f}"),
        )
        distance, limit, detail = max(distances, key=lambda found: found[0] / found[1])
        refused = distance > limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=limit,
            observed=distance,
            unit="bps",
            reason=Reason.PRICE_COLLAR if refused else None,
            detail=detail,
        )


def _close(proposal: Proposal, snapshot: Snapshot) -> Decimal | Missing:
    close = snapshot.surroundings.last_closes.get(proposal.instrument)
    if is_known(close):
        return close
    found = "nothing" if close is None else close
    return Missing(Reason.NOT_KNOWN, f"expected the close of the newest candle, found {found}")


def _distance(price: Decimal, other: Decimal) -> Decimal:
    return abs(price - other) / other * _BPS
