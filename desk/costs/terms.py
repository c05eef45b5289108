"""What is known beforehand of the costs of an account, and what is assumed where the market does not tell."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CostTerms:
    """What trading costs an account. Rates in basis points are of the notional of one side, entry or exit.

    Attributes:
        taker_fee_bps: by the account's tier. Both sides count as taker: a limit order that waits may never be filled.
        half_spread_bps: counts where bid and ask of the quote are one price.
        slippage_bps: the least that a fill is expected to be worse than the quote.
        impact: how many times the volatility of a day the price moves where all of a day's turnover is taken.
        unknown_slippage_bps: instead of the impact, where turnover or volatility is not known.
        financing_rate: of a year, as a fraction of the notional, for what a venue lends: currencies and metals.
        funding_rate: of one funding interval, as a fraction of the notional, paid by either side; of perpetuals whose
            rate is not known.
        funding_interval: above 0.
        conversion_bps: of profit or loss in another currency than the account's.
        holding_time: of a strategy that has closed no trade yet, in an account without a time limit.
    """

    taker_fee_bps: Decimal = Decimal(0)
    half_spread_bps: Decimal = Decimal(0)
    slippage_bps: Decimal = Decimal(0)
    impact: Decimal = Decimal(1)
    unknown_slippage_bps: Decimal = Decimal(1)
    financing_rate: Decimal = Decimal("0.05")
    funding_rate: Decimal = Decimal("0.0001")
    funding_interval: timedelta = timedelta(hours=8)
    conversion_bps: Decimal = Decimal(50)
    holding_time: timedelta = timedelta(days=1)
