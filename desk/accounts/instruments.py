"""What the operator writes about an instrument whose candles come from files that say nothing about it."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from desk.accounts.base import Spec
from desk.accounts.values import Number
from desk.model.instrument import Instrument, InstrumentKind

_STEP = "a number above 0, up to 10^9"
_Step = Annotated[Number, Field(gt=0, le=10**9)]


class InstrumentSpec(Spec):
    """An instrument of a recorded feed, as its venue trades it."""

    kind: InstrumentKind = Field(
        description=f"one of {', '.join(InstrumentKind)}: its sessions, and whether it can be sold short"
    )
    tick: _Step = Field(description=f"{_STEP}: the smallest step of its price, in quote currency")
    lot: _Step = Field(description=f"{_STEP}: the smallest step of a quantity, in base units")
    minimum_quantity: _Step = Field(description=f"{_STEP}: the smallest order, in base units")
    minimum_notional: Annotated[Number, Field(ge=0, le=10**9)] = Field(
        Decimal(0), description="a number from 0 to 10^9: the smallest value of an order, in quote currency"
    )

    def named(self, name: str) -> Instrument:
        """Return the instrument of a name."""
        return Instrument(name, self.kind, self.tick, self.lot, self.minimum_quantity, self.minimum_notional)
