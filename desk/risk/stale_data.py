"""Refuse to act on old candles and old quotes."""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

_SECOND = timedelta(seconds=1)


class StaleData(RiskRule):
    """Open nothing on a candle or a quote that is older than it may be, or on no quote at all.

    Age counts in both directions, so that a candle or a quote from the future is refused too: a clock is wrong.
    """

    candle_age: timedelta = Field(
        default=timedelta(minutes=10),
        gt=timedelta(0),
        le=timedelta(days=2),
        description="Longest time from the close of the candle to the decision, as seconds or as in PT10M.",
    )
    quote_age: timedelta = Field(
        default=timedelta(minutes=2),
        gt=timedelta(0),
        le=timedelta(days=2),
        description="Longest time from the quote to the decision, as seconds or as in PT2M.",
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        quote = snapshot.quotes.get(proposal.instrument)
        if quote is None:
            return self.finding(
                Decimal(0),
                limit=Decimal(1),
                observed=Decimal(0),
                unit="quotes",
                reason=Reason.STALE_DATA,
                detail=f"expected a quote of {proposal.instrument}, found none",
            )
        ages = (
            (abs(snapshot.at - proposal.candle_close), self.candle_age, "candle"),
            (abs(snapshot.at - quote.at), self.quote_age, "quote"),
        )
        age, limit, what = max(ages, key=lambda aged: aged[0] / aged[1])
        refused = age > limit
        return self.finding(
            Decimal(0) if refused else proposal.quantity,
            limit=Decimal(str(limit / _SECOND)),
            observed=Decimal(str(age / _SECOND)),
            unit="seconds",
            reason=Reason.STALE_DATA if refused else None,
            detail=f"the age of the {what}",
        )
