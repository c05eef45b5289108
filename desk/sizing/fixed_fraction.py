"""Risk the same fraction of equity on every trade."""

from decimal import ROUND_DOWN, Context, Decimal, localcontext

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.plugin import Sizing

_EXACT = Context(prec=100, rounding=ROUND_DOWN)
# Fewer digits than the 28 of everyday decimals, so that rounding to the lot afterwards cannot round the last one up.
_DIGITS = Context(prec=20, rounding=ROUND_DOWN)

_ONE_BP = Decimal("0.0001")


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

    def size(self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot) -> Decimal:
        rate, equity = snapshot.rate(instrument.name), snapshot.money.equity
        if rate is None or rate <= 0 or equity <= 0:
            return Decimal(0)
        with localcontext(_EXACT):
            loss_per_unit = (stop_distance + price * self.cost_bps * _ONE_BP) * rate
            within_risk = equity * self.fraction / loss_per_unit
            within_notional = equity * self.max_notional_fraction / (price * rate)
        return _DIGITS.plus(min(within_risk, within_notional))
