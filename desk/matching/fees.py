"""What a venue charges for an execution."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Self

from desk.matching.money import round_charge


class Liquidity(StrEnum):
    """Whether an execution waited in the book or took what was there."""

    MAKER = "maker"
    TAKER = "taker"


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Fees proportional to the notional.

    Attributes:
        maker_bps, taker_bps: of the notional; a maker rate below 0 is a rebate.
    """

    maker_bps: Decimal
    taker_bps: Decimal

    def fee(self, notional: Decimal, liquidity: Liquidity) -> Decimal:
        """Return the charge in the currency of `notional`, rounded up at eight decimals."""
        bps = self.maker_bps if liquidity is Liquidity.MAKER else self.taker_bps
        return round_charge(notional * bps / 10_000)

    def dearer(self, bps: Decimal) -> Self:
        """Return the same fees with so much more for a taker."""
        return replace(self, taker_bps=self.taker_bps + bps) if bps else self


NO_FEES = FeeSchedule(maker_bps=Decimal(0), taker_bps=Decimal(0))
