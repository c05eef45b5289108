"""What the operator knows of the costs of trading, and how it becomes what estimates are made from."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from desk.accounts.base import Spec
from desk.accounts.values import DURATION_ABOVE_ZERO, BasisPoints, DurationAboveZero, Number
from desk.costs import CostTerms

_BPS = "basis points from 0 to 1000"
_USUAL = CostTerms()
_Rate = Annotated[Number, Field(ge=-1, le=1)]


class CostsSpec(Spec):
    """What trades are expected to cost, where the venue and the market do not tell."""

    taker_fee_bps: BasisPoints | None = Field(
        None, description=f"{_BPS}: fee of an order that is filled at once; nothing for the connection's or the venue's"
    )
    half_spread_bps: BasisPoints | None = Field(
        None, description=f"{_BPS}: half of the spread where quotes have none; nothing for the venue's"
    )
    slippage_bps: BasisPoints | None = Field(
        None, description=f"{_BPS}: the least that a fill is worse than the quote; nothing for the venue's"
    )
    impact: Annotated[Number, Field(ge=0, le=10)] = Field(
        _USUAL.impact,
        description="a number from 0 to 10: how many times the volatility of a day the price moves where a whole "
        "day's turnover is taken; less goes with the square root",
    )
    unknown_slippage_bps: BasisPoints = Field(
        _USUAL.unknown_slippage_bps,
        description=f"{_BPS}: added to slippage_bps instead, where turnover or volatility is not known",
    )
    financing_rate: _Rate = Field(
        _USUAL.financing_rate,
        description="a fraction from -1 to 1: what holding a currency or a metal costs in a year; below 0 it brings",
    )
    funding_rate: _Rate = Field(
        _USUAL.funding_rate,
        description="a fraction from -1 to 1: what holding a perpetual costs for one interval, where not known",
    )
    funding_interval: DurationAboveZero = Field(
        _USUAL.funding_interval, description=f"{DURATION_ABOVE_ZERO}: from one funding to the next"
    )
    conversion_bps: BasisPoints = Field(
        _USUAL.conversion_bps, description=f"{_BPS}: of profit or loss in another currency than the account's"
    )
    holding_time: DurationAboveZero = Field(
        _USUAL.holding_time,
        description=f"{DURATION_ABOVE_ZERO}: of a trade, for a strategy without closed trades and without a time limit",
    )


def cost_terms(
    written: CostsSpec | None, *, taker_fee_bps: Decimal, half_spread_bps: Decimal, slippage_bps: Decimal
) -> CostTerms:
    """Return what estimates are made from; what is not written is the venue's, which the other arguments say."""
    venue: Mapping[str, Decimal] = {
        "taker_fee_bps": taker_fee_bps,
        "half_spread_bps": half_spread_bps,
        "slippage_bps": slippage_bps,
    }
    known = {key: value for key, value in dict(written or CostsSpec()).items() if value is not None}
    return CostTerms(**{**venue, **known})
