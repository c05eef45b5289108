"""What the operator writes about how opinions are weighed: regimes, votes, records, and the markets of an asset."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.values import Name, Ratio, Whole, unusable
from desk.decide.sides import LongMarket, ShortMarket, SideRules
from desk.decide.weights import RecordBounds, VoteRules
from desk.model.regimes import Regime
from desk.regimes.limits import RegimeLimits
from desk.registry import strategies

_USUAL, _USUAL_BOUNDS = RegimeLimits(), RecordBounds()
_PERIOD = "a whole number from 2 to 1000: candles"
_Period = Annotated[Whole, Field(ge=2, le=1000)]
_Efficiency = Annotated[Ratio, Field(gt=0, lt=1)]
_Multiple = Annotated[Ratio, Field(gt=0, le=100)]
_Weight = Annotated[Ratio, Field(ge=0, le=1000)]
_PAIRS = ("trend", "volatility", "crash")


class RegimesSpec(Spec):
    """How the regime of a market is told: trend, range, high_volatility or crash, anew on each candle."""

    trend_period: _Period = Field(_USUAL.trend_period, description=f"{_PERIOD} whose way is looked at")
    trend_enter: _Efficiency = Field(
        _USUAL.trend_enter, description="a number above 0, below 1: how straight that way is when a trend begins"
    )
    trend_exit: _Efficiency = Field(_USUAL.trend_exit, description="a number above 0, below 1: the same when it ends")
    volatility_period: _Period = Field(_USUAL.volatility_period, description=f"{_PERIOD} in the true range of now")
    usual_period: _Period = Field(
        _USUAL.usual_period, description=f"{_PERIOD} in the usual true range; so many the regime needs"
    )
    volatility_enter: _Multiple = Field(
        _USUAL.volatility_enter,
        description="a number above 0, up to 100: multiple of the usual true range when high volatility begins",
    )
    volatility_exit: _Multiple = Field(
        _USUAL.volatility_exit, description="a number above 0, up to 100: the same when it ends"
    )
    crash_period: _Period = Field(_USUAL.crash_period, description=f"{_PERIOD} from whose high a fall is measured")
    crash_enter: _Multiple = Field(
        _USUAL.crash_enter, description="a number above 0, up to 100: that fall, in true ranges, when a crash begins"
    )
    crash_exit: _Multiple = Field(_USUAL.crash_exit, description="a number above 0, up to 100: the same when it ends")
    minimum_stay: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        _USUAL.minimum_stay,
        description="a whole number from 1 to 1000: candles for which a regime stays, unless a graver one comes",
    )

    @model_validator(mode="after")
    def _leaves_gaps(self) -> Self:
        for name in _PAIRS:
            enter, leave = getattr(self, f"{name}_enter"), getattr(self, f"{name}_exit")
            if leave >= enter:
                raise unusable(f"{name}_exit below {name}_enter", found=f"{leave:g} and {enter:g}")
        return self

    @property
    def limits(self) -> RegimeLimits:
        """The same, as the detection takes it."""
        return RegimeLimits(**dict(self))


class RecordsSpec(Spec):
    """How far the closed trades of a strategy move what its opinion counts; nothing without any trades."""

    lowest: Annotated[Ratio, Field(ge=0, le=1)] = Field(
        _USUAL_BOUNDS.lowest, description="a number from 0 to 1: the weight of a strategy that lost for long"
    )
    highest: Annotated[Ratio, Field(ge=1, le=10)] = Field(
        _USUAL_BOUNDS.highest, description="a number from 1 to 10: the weight of a strategy that won for long"
    )
    full_mean: Annotated[Ratio, Field(gt=0, le=10)] = Field(
        _USUAL_BOUNDS.full_mean,
        description="a number above 0, up to 10: mean result, in risks, that moves it all the way",
    )
    trades: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        _USUAL_BOUNDS.trades,
        description="a whole number from 1 to 10000: trades after which half of the mean is believed",
    )


class VotesSpec(Spec):
    """What the opinions of strategies count besides their own weights."""

    regimes: Mapping[
        Annotated[Regime, Field(description=f"one of {', '.join(Regime)}")],
        Mapping[Name, Annotated[_Weight, Field(description="a number from 0 to 1000: 0 leaves the strategy out")]],
    ] = Field(
        default_factory=dict,
        description=f"a mapping by regime ({', '.join(Regime)}) of weights by strategy: one that is not named counts 1",
    )
    records: RecordsSpec | None = Field(
        None,
        description="a mapping with lowest, highest, full_mean and trades: how closed trades count; nothing for not",
    )

    @property
    def rules(self) -> VoteRules:
        """The same, as the vote takes it."""
        present = strategies().present_name
        regimes = {
            regime: {present(name): weight for name, weight in weights.items()}
            for regime, weights in self.regimes.items()
        }
        return VoteRules(regimes, RecordBounds(**dict(self.records)) if self.records else None)


class SidesSpec(Spec):
    """In which market of an asset an idea is traded, where the account has spot and a perpetual of it."""

    long: LongMarket = Field(
        LongMarket.SPOT, description=f"one of {', '.join(LongMarket)}: where long positions are opened"
    )
    short: ShortMarket = Field(
        ShortMarket.PERPETUAL, description=f"one of {', '.join(ShortMarket)}: where short positions are opened"
    )
    most_funding: Annotated[Ratio, Field(ge=-1, le=1)] = Field(
        0.0,
        description="a fraction from -1 to 1: funding of eight hours up to which the perpetual is cheapest for a long",
    )

    @property
    def rules(self) -> SideRules:
        """The same, as the decision takes it."""
        return SideRules(**dict(self))
