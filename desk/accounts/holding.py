"""What the operator knows of the costs of holding a position, and how it becomes what the paper venue takes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from desk.accounts.base import Spec
from desk.accounts.values import DURATION_ABOVE_ZERO, DurationAboveZero, InstrumentName, Number, unusable
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


Financing = Annotated[Mapping[InstrumentName, FinancingSpec], AfterValidator(_none_perpetual)]
Funding = Annotated[Mapping[InstrumentName, FundingSpec], AfterValidator(_all_perpetual)]


def holding_terms(
    financing: Mapping[str, FinancingSpec], funding: Mapping[str, FundingSpec]
) -> Mapping[str, HoldingTerms]:
    """Return what holding costs, by instrument."""
    return {
        **{name: FinancingTerms(one.long_rate, one.short_rate) for name, one in financing.items()},
        **{name: FundingTerms(one.rate, one.interval) for name, one in funding.items()},
    }
