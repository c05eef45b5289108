"""Risk the same fraction of equity on every trade."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.plugin import Sizing
from desk.sizing import part_of, quantity_within


class FixedFraction(Sizing):
    """Lose a fixed fraction of equity where the stop is hit, costs included, and never more.

    quantity = equity * fraction / ((stop distance + price * cost) * rate), and no more than
    equity * max_notional_fraction / (price * rate), where `rate` turns quote currency into account currency.

    Source: Tharp, *Trade Your Way to Financial Freedom*, 1998 (percent risk); Vince, *Portfolio Management Formulas*,
    1990.
    """

    fraction: Decimal = Field(
        default=Decimal("0.005"), gt=0, le=Decimal("0.1"), description="Fraction of equity lost where the stop is hit."
    )
    max_notional_fraction: Decimal = Field(
        default=Decimal(1), gt=0, le=50, description="Largest value of one trade, as a multiple of equity."
    )
    cost_bps: Decimal = Field(
        default=Decimal(2), ge=0, le=500, description="What fees and slippage may add to the loss, in bps of the price."
    )

    def size(
        self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, strategy: str = ""
    ) -> Decimal:
        equity = snapshot.money.equity
        return quantity_within(
            instrument,
            price,
            stop_distance,
            snapshot,
            risk=part_of(equity, self.fraction),
            value=part_of(equity, self.max_notional_fraction),
            cost_bps=self.cost_bps,
        )
