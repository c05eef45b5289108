"""The conditions under which orders are matched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from desk.matching.charges import HoldingTerms
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
        holding: what holding a position costs, by instrument; nothing where there is none.
        maintenance_fraction: of the value of what is held on margin, which the equity must not fall under; the venue
            closes everything then. 0 for never.
        liquidation_fee_bps: of the notional, added to the fee of what is closed so.
    """

    fees: FeeSchedule = NO_FEES
    slippage: Slippage = NO_SLIPPAGE
    half_spread_bps: Decimal = Decimal(0)
    participation: Decimal | None = None
    max_leverage: Decimal = Decimal(1)
    holding: Mapping[str, HoldingTerms] = field(default_factory=dict)
    maintenance_fraction: Decimal = Decimal(0)
    liquidation_fee_bps: Decimal = Decimal(0)

    def leverage(self, instrument: Instrument) -> Decimal:
        """How many times the equity the exposure may be when `instrument` is bought or sold."""
        return min(self.max_leverage, Decimal(1)) if instrument.kind is InstrumentKind.SPOT else self.max_leverage

    def capacity(self, volume: Decimal | None) -> Decimal | None:
        """How much of a candle's volume may be taken, in base units; None without a limit."""
        if self.participation is None:
            return None
        return self.participation * (volume or Decimal(0))
