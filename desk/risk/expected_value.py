"""Refuse a trade that is not expected to earn more than it costs."""

from decimal import Decimal
from math import isfinite
from typing import ClassVar

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.records import TrackRecord
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule

_NO_RECORD = TrackRecord(0, 0, 0.0, 0.0, 0.0)


class ExpectedValue(RiskRule):
    """Open nothing whose expected value, after what it is expected to cost, is below a threshold.

    All in units of the risk that is taken (R), the loss from the reference price to the stop:

    gross = (n * (mean profit + mean cost) + prior_trades * prior_mean) / (n + prior_trades)
    expected value = gross * conviction - estimated cost

    The mean profit is that of the strategy's own closed trades in this account, p * mean win + (1 - p) * mean loss.
    It is after costs, so what those trades cost is added back before the cost of this one is taken off, and no cost
    counts twice. What is not known of past costs is not added back. The trades are mixed with `prior_trades` imagined
    ones whose gross mean is `prior_mean`, so that a short record counts for little; a strategy without a record is
    judged by the prior alone, and with a prior of 0 opens nothing. Conviction makes a gain smaller and never a loss.
    Without a cost estimate or a stop the trade is refused. A trade that takes back exposure is no forecast and passes.

    Source: Tharp, *Trade Your Way to Financial Freedom*, 1998 (expectancy in R); Efron and Morris, "Stein's Paradox in
    Statistics", *Scientific American*, 1977 (shrinkage).
    """

    spares_offsets: ClassVar[bool] = True

    threshold: float = Field(
        default=0.0, ge=-1, le=10, description="Smallest expected value after costs, in multiples of the risk."
    )
    prior_mean: float = Field(
        default=0.0,
        ge=-1,
        le=5,
        description="Mean before costs of the imagined trades, in multiples of the risk, such as a backtest shows.",
    )
    prior_trades: int = Field(
        default=30, ge=1, le=10_000, description="How many imagined trades the record is mixed with."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        cost = _cost_in_risks(proposal, snapshot)
        if isinstance(cost, str):
            return self._refused(Decimal(0), Reason.NOT_KNOWN, cost)
        record = snapshot.records.get(proposal.strategy, _NO_RECORD)
        gross = self._gross(record)
        expected = (gross * proposal.conviction if gross > 0 else gross) - cost
        if not isfinite(expected):
            detail = f"expected numbers, found a record of mean {record.mean} R and a cost of {cost} R"
            return self._refused(Decimal(0), Reason.NOT_KNOWN, detail)
        detail = f"{_told(record)}; {self._told_of_prior(gross)}, cost {cost:.3f} R"
        if proposal.conviction != 1:
            detail += f", conviction {proposal.conviction:.2f}"
        limit, observed = _decimal(self.threshold), _decimal(expected)
        if observed < limit:
            return self._refused(observed, Reason.NEGATIVE_EXPECTED_VALUE, detail)
        return self.finding(proposal.quantity, limit=limit, observed=observed, unit="R", reason=None, detail=detail)

    def _gross(self, record: TrackRecord) -> float:
        """What a trade is expected to bring before costs, shrunk towards the prior."""
        total = record.trades * (record.mean + record.mean_cost) + self.prior_trades * self.prior_mean
        return total / (record.trades + self.prior_trades)

    def _told_of_prior(self, gross: float) -> str:
        return f"with {self.prior_trades} of mean {self.prior_mean:+.3f} R before costs {gross:+.3f} R"

    def _refused(self, observed: Decimal, reason: Reason, detail: str) -> Finding:
        limit = _decimal(self.threshold)
        return self.finding(Decimal(0), limit=limit, observed=observed, unit="R", reason=reason, detail=detail)


def _cost_in_risks(proposal: Proposal, snapshot: Snapshot) -> float | str:
    """What the trade costs in units of its risk, or what is missing to say so."""
    rate, stop = snapshot.rate(proposal.instrument), proposal.barriers.stop
    if proposal.cost is None:
        return "expected an estimate of the costs, found none"
    if stop is None:
        return "expected a stop, from which the risk is counted, found none"
    if rate is None or rate <= 0:
        return "expected a conversion rate into the account's currency, found none"
    risk = (proposal.reference_price - stop) * proposal.side.sign * proposal.quantity * rate
    if risk <= 0:
        return f"expected a stop beyond {proposal.reference_price:f}, found {stop:f}"
    return float(proposal.cost.total / risk)


def _told(record: TrackRecord) -> str:
    if record.trades == 0:
        return "n 0"
    share = record.wins / record.trades
    means = f"mean win {record.mean_win:+.3f} R, mean loss {record.mean_loss:+.3f} R"
    return f"n {record.trades}, p {share:.3f}, {means}, mean cost {record.mean_cost:.3f} R"


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")
