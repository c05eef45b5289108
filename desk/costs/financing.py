"""What holding a position costs: interest on what a venue lends, funding of perpetuals, nothing for what is owned."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from math import isfinite

from desk.costs.terms import CostTerms
from desk.model.depth import FUNDING_PERIOD
from desk.model.instrument import InstrumentKind, Side
from desk.model.records import ClosedTrade

_YEAR = timedelta(days=365)


def financing_fraction(
    terms: CostTerms, kind: InstrumentKind, side: Side, held: timedelta, funding_rate: float | None
) -> Decimal:
    """Return the cost of holding a position for a time, as a fraction of its notional; below 0 it is an income.

    It grows evenly with the time, although a venue settles at certain hours: a trade may or may not meet one.

    Args:
        funding_rate: what a long pays a short for eight hours, as a fraction of the notional; None for not known.
    """
    if kind is InstrumentKind.SPOT:
        return Decimal(0)
    if kind is not InstrumentKind.PERPETUAL:
        return terms.financing_rate * _ratio(held, _YEAR)
    if funding_rate is None or not isfinite(funding_rate):
        return terms.funding_rate * _ratio(held, terms.funding_interval)
    return Decimal(f"{funding_rate:.12g}") * side.sign * _ratio(held, FUNDING_PERIOD)


def holding_time(
    terms: CostTerms, trades: Sequence[ClosedTrade], strategy: str, time_limit: timedelta | None
) -> timedelta:
    """Return how long a trade is expected to last: the mean of the strategy's last ones, never beyond the limit.

    Without a closed trade it is the limit, and without one what the terms say.
    """
    lengths = [trade.closed_at - trade.opened_at for trade in trades if trade.strategy == strategy]
    if not lengths:
        return time_limit or terms.holding_time
    mean = sum(lengths, timedelta(0)) / len(lengths)
    return mean if time_limit is None else min(mean, time_limit)


def _ratio(length: timedelta, unit: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / (unit // timedelta(microseconds=1))
