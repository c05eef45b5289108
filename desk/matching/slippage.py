"""How far from the quote a taker is filled."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from desk.model.instrument import Instrument, Side


@dataclass(frozen=True, slots=True)
class Slippage:
    """A price impact, always against the taker.

    Attributes:
        fixed_bps: of the price, whatever the size; 0 or more.
        impact_bps: added in proportion to the taken share of the volume, in full where that is all of it; 0 or more.
    """

    fixed_bps: Decimal = Decimal(0)
    impact_bps: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        assert self.fixed_bps >= 0, f"slippage never helps the taker: fixed_bps is {self.fixed_bps}"
        assert self.impact_bps >= 0, f"slippage never helps the taker: impact_bps is {self.impact_bps}"
        assert self.fixed_bps + self.impact_bps < 10_000, "slippage must leave a price above 0"

    def worsen(
        self, price: Decimal, side: Side, quantity: Decimal, volume: Decimal | None, instrument: Instrument
    ) -> Decimal:
        """Return the price at which an order of `side` is filled, on the tick that is worse for it.

        Args:
            volume: what was traded in the candle, in base units; None where it is not known, then there is no impact.
        """
        bps = self.fixed_bps + self.impact_bps * _share(quantity, volume)
        return round_against(side, price * (1 + side.sign * bps / 10_000), instrument)


NO_SLIPPAGE = Slippage()


def round_against(side: Side, price: Decimal, instrument: Instrument) -> Decimal:
    """Round to the tick that is worse for an order of `side`: up to buy, down to sell, and never down to 0."""
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    return max((price / instrument.tick).to_integral_value(rounding), Decimal(1)) * instrument.tick


def _share(quantity: Decimal, volume: Decimal | None) -> Decimal:
    if volume is None:
        return Decimal(0)
    return Decimal(1) if volume <= quantity else quantity / volume
