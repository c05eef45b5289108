"""What the operator knows of a venue: what trading and holding cost there, and how far they may go on paper."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.values import DURATION_ABOVE_ZERO, BasisPoints, DurationAboveZero, InstrumentName, Number, unusable
from desk.matching.charges import FinancingTerms, FundingTerms, HoldingTerms

_USUAL = FundingTerms(Decimal(0))
_Rate = Annotated[Number, Field(ge=-1, le=1)]


class FinancingSpec(Spec):
    """What a venue takes for a currency or a metal that is held, every day at 17:00 in New York."""

    long_rate: _Rate = Field(
        description="a fraction from -1 to 1: of its value, what holding it long costs in a year; below 0 it brings"
    )
    short_rate: _Rate = Field(
        description="a fraction from -1 to 1: of its value, what holding it short costs in a year; below 0 it brings"
    )


class FundingSpec(Spec):
    """What longs pay to shorts of a perpetual."""

    rate: _Rate = Field(
        description="a fraction from -1 to 1: of its value, what a long pays a short each time; below 0 the short pays"
    )
    interval: DurationAboveZero = Field(
        _USUAL.interval, description=f"{DURATION_ABOVE_ZERO}: from one payment to the next, counted from midnight UTC"
    )


def _none_perpetual(value: Mapping[str, FinancingSpec]) -> Mapping[str, FinancingSpec]:
    if found := next((name for name in value if ":" in name), None):
        raise unusable("currencies and metals", found=f"'{found}'", hint="; a perpetual has funding")
    return value


def _all_perpetual(value: Mapping[str, FundingSpec]) -> Mapping[str, FundingSpec]:
    if found := next((name for name in value if ":" not in name), None):
        raise unusable("perpetuals such as BTC/USDT:USDT", found=f"'{found}'", hint="; others have financing")
    return value


_Financing = Annotated[Mapping[InstrumentName, FinancingSpec], AfterValidator(_none_perpetual)]
_Funding = Annotated[Mapping[InstrumentName, FundingSpec], AfterValidator(_all_perpetual)]


class VenueTerms(Spec):
    """What the paper venue charges and how it fills."""

    maker_fee_bps: BasisPoints = Field(
        description="basis points from 0 to 1000: fee of an order that waits in the book"
    )
    taker_fee_bps: BasisPoints = Field(
        description="basis points from 0 to 1000: fee of an order that is filled at once"
    )
    slippage_bps: BasisPoints = Field(
        Decimal(0), description="basis points from 0 to 1000: how much worse than the quote an order is filled"
    )
    half_spread_bps: BasisPoints = Field(
        Decimal(0),
        description="basis points from 0 to 1000: from the price to bid and ask, where the feed has neither",
    )
    participation_fraction: Annotated[Number, Field(gt=0, le=1)] | None = Field(
        None,
        description="a fraction above 0, up to 1: of a candle's volume that may be taken; nothing for no limit",
    )
    max_leverage: Annotated[Number, Field(gt=0, le=500)] = Field(
        Decimal(1), description="a number above 0, up to 500: how many times the equity the exposure may be"
    )
    financing: _Financing = Field(
        default_factory=dict,
        description="a mapping from instruments to yearly rates: what holding a currency or a metal costs",
    )
    funding: _Funding = Field(
        default_factory=dict, description="a mapping from instruments to funding: what holding a perpetual costs"
    )
    maintenance_fraction: Annotated[Number, Field(ge=0, lt=1)] = Field(
        Decimal(0),
        description="a fraction from 0, below 1: of the value of what is held on margin; where the equity falls under "
        "it, the venue closes everything; 0 for never",
    )
    liquidation_fee_bps: BasisPoints = Field(
        Decimal(0), description="basis points from 0 to 1000: added to the fee of what the venue closes by force"
    )

    @model_validator(mode="after")
    def _leaves_room_to_the_leverage(self) -> Self:
        if self.maintenance_fraction * self.max_leverage >= 1:
            raise unusable(
                f"a maintenance_fraction below {1 / self.max_leverage:.4g}, which max_leverage ties up of an entry",
                found=f"{self.maintenance_fraction:f}",
            )
        return self


def holding_terms(
    financing: Mapping[str, FinancingSpec], funding: Mapping[str, FundingSpec]
) -> Mapping[str, HoldingTerms]:
    """Return what holding costs, by instrument."""
    return {
        **{name: FinancingTerms(one.long_rate, one.short_rate) for name, one in financing.items()},
        **{name: FundingTerms(one.rate, one.interval) for name, one in funding.items()},
    }
