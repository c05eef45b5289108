"""Put the same amount, or the same fraction of what is free, into every trade."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.plugin import Sizing
from desk.sizing import part_of, quantity_within


class FixedNotional(Sizing):
    """Buy or sell for a fixed amount, or for a fixed fraction of the free balance, however far away the stop is.

    quantity = value / (price * rate), where value is `amount`, or available balance * `fraction` where there is none,
    and `rate` turns quote currency into account currency. Available is the smaller of equity and cash, less the margin
    that open positions tie up where the venue tells it. A stop so far away that more than `max_risk_fraction` of equity
    would be lost makes the trade smaller.

    Source: Vince, *Portfolio Management Formulas*, 1990 (fixed dollar sizing).
    """

    fraction: Decimal = Field(
        default=Decimal("0.05"), gt=0, le=50, description="Value of a trade, as a multiple of the available balance."
    )
    amount: Decimal = Field(
        default=Decimal(0),
        ge=0,
        le=1_000_000_000,
        description="Value of a trade in account currency, instead of the fraction; 0 for the fraction.",
    )
    max_risk_fraction: Decimal = Field(
        default=Decimal("0.02"), gt=0, le=1, description="Largest loss where the stop is hit, as a fraction of equity."
    )
    cost_bps: Decimal = Field(
        default=Decimal(2), ge=0, le=500, description="What fees and slippage may add to the loss, in bps of the price."
    )

    def size(
        self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, strategy: str = ""
    ) -> Decimal:
        available = _available(snapshot)
        return quantity_within(
            instrument,
            price,
            stop_distance,
            snapshot,
            risk=part_of(snapshot.money.equity, self.max_risk_fraction),
            value=min(self.amount, available) if self.amount else part_of(available, self.fraction),
            cost_bps=self.cost_bps,
        )


def _available(snapshot: Snapshot) -> Decimal:
    """What is not tied up yet; nothing where the venue tells a margin that is no number."""
    money, used = snapshot.money, snapshot.money.margin_used
    if used is not None and not used.is_finite():
        return Decimal(0)
    return max(Decimal(0), min(money.equity, money.cash) - max(Decimal(0), used or Decimal(0)))
