"""What the operator writes about when a strategy counts as decayed."""

from typing import Annotated

from pydantic import Field

from desk.accounts.base import Spec
from desk.accounts.values import Ratio, Whole
from desk.monitor.decay import DecayLimits

_USUAL = DecayLimits()


class MonitorSpec(Spec):
    """When a strategy of an account is quarantined: its last trades are too far below those before them."""

    window: Annotated[Whole, Field(ge=5, le=1000)] = Field(
        _USUAL.window, description="a whole number from 5 to 1000: closed trades that are judged together, once"
    )
    earlier: Annotated[Whole, Field(ge=20, le=10_000)] = Field(
        _USUAL.earlier, description="a whole number from 20 to 10000: fewest trades that they are compared with"
    )
    significance: Annotated[Ratio, Field(gt=0, le=0.2)] = Field(
        _USUAL.significance,
        description="a number above 0, up to 0.2: how likely chance alone may explain the difference",
    )
    tolerated_mean: Annotated[Ratio, Field(ge=-10, le=10)] = Field(
        _USUAL.tolerated_mean,
        description="a number from -10 to 10: the mean of their profits, in risks, from which they are no decay at all",
    )

    @property
    def limits(self) -> DecayLimits:
        """The same, as the monitor takes it."""
        return DecayLimits(**dict(self))
