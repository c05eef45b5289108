"""What an account at the paper venue starts with and pays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from desk.matching.charges import HoldingTerms
from desk.matching.fees import NO_FEES, FeeSchedule
from desk.matching.slippage import NO_SLIPPAGE, Slippage
from desk.matching.terms import Terms
from desk.model.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """The conditions of one account.

    Attributes:
        starting_cash: what the books begin with; later changes of it leave existing books alone.
        base_timeframe: the feed's smallest, whose candles are matched.
        longest_lag: how far the books may stay behind the present while a candle of a live market has not arrived; None
            for a feed that has every candle as soon as it closes.
        quiet_after: how long after its close a candle is awaited where there is one only if there was a trade, and
            quotes may be newer than the last trade; one that is not there by then had none. None where a quote tells
            when there was a price last.
        fees, slippage, half_spread_bps, participation, max_leverage, holding, maintenance_fraction,
            liquidation_fee_bps: as in `desk.matching.terms.Terms`.
    """

    currency: str
    starting_cash: Decimal
    base_timeframe: Timeframe
    longest_lag: timedelta | None = None
    quiet_after: timedelta | None = None
    fees: FeeSchedule = NO_FEES
    slippage: Slippage = NO_SLIPPAGE
    half_spread_bps: Decimal = Decimal(0)
    participation: Decimal | None = None
    max_leverage: Decimal = Decimal(1)
    holding: Mapping[str, HoldingTerms] = field(default_factory=dict)
    maintenance_fraction: Decimal = Decimal(0)
    liquidation_fee_bps: Decimal = Decimal(0)

    @property
    def matching(self) -> Terms:
        """What the matching engine needs of them."""
        return Terms(
            fees=self.fees,
            slippage=self.slippage,
            half_spread_bps=self.half_spread_bps,
            participation=self.participation,
            max_leverage=self.max_leverage,
            holding=self.holding,
            maintenance_fraction=self.maintenance_fraction,
            liquidation_fee_bps=self.liquidation_fee_bps,
        )

    @property
    def needs_volume(self) -> bool:
        """Whether an order's fill depends on how much is traded."""
        return self.participation is not None or self.slippage.impact_bps > 0
