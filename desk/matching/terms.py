"""The conditions under which orders are matched."""

from dataclasses import dataclass
from decimal import Decimal

from desk.matching.fees import NO_FEES, FeeSchedule
from desk.matching.slippage import NO_SLIPPAGE, Slippage
from desk.model.instrument import Instrument, InstrumentKind


@dataclass(frozen=True, slots=True)
class Terms:
    """What trading costs and how far it may go.

    Attributes:
        half_spread_bps: half of the spread around the price where the market data have trades only.
        participation: the fraction of a candle's volume that the orders of the account may take; None for all that
            they ask. Data without volume (0 in every candle) need None.
        max_leverage: how many times the equity the exposure may be; spot instruments never go beyond 1.
    """

    fees: FeeSchedule = NO_FEES
    slippage: Slippage = NO_SLIPPAGE
    half_spread_bps: Decimal = Decimal(0)
    participation: Decimal | None = None
    max_leverage: Decimal = Decimal(1)

    def leverage(self, instrument: Instrument) -> Decimal:
        """How many times the equity the exposure may be when `instrument` is bought or sold."""
        return min(self.max_leverage, Decimal(1)) if instrument.kind is InstrumentKind.SPOT else self.max_leverage

    def capacity(self, volume: Decimal | None) -> Decimal | None:
        """How much of a candle's volume may be taken, in base units; None without a limit."""
        if self.participation is None:
            return None
        return self.participation * (volume or Decimal(0))
