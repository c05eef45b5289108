"""Hold less of what moves more, so that every position swings by the same part of equity."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.plugin import Sizing
from desk.sizing import exact, part_of, quantity_within


class VolatilityTarget(Sizing):
    """Let a position swing by the same fraction of equity in a year, whatever the instrument.

    value = equity * target / volatility, no more than equity * max_notional_fraction, and quantity =
    value / (price * rate), where `rate` turns quote currency into account currency and the volatility is the standard
    deviation of the instrument's returns of a year. A stop so far away that more than `max_risk_fraction` of equity
    would be lost makes the trade smaller. While the volatility is not known, nothing is opened.

    Source: Moskowitz, Ooi and Pedersen, "Time Series Momentum", *Journal of Financial Economics*, 2012; Carver,
    *Systematic Trading*, 2015.
    """

    target: Decimal = Field(
        default=Decimal("0.1"), gt=0, le=5, description="Standard deviation of a year that is aimed at, of equity."
    )
    max_notional_fraction: Decimal = Field(
        default=Decimal(1), gt=0, le=50, description="Largest value of one trade, as a multiple of equity."
    )
    max_risk_fraction: Decimal = Field(
        default=Decimal("0.02"), gt=0, le=1, description="Largest loss where the stop is hit, as a fraction of equity."
    )
    cost_bps: Decimal = Field(
        default=Decimal(2), ge=0, le=500, description="What fees and slippage may add to the loss, in bps of the price."
    )

    def lacks(self, instrument: Instrument, snapshot: Snapshot, strategy: str = "") -> str:
        return "" if _volatility(instrument, snapshot) > 0 else f"the volatility of {instrument.name}"

    def size(
        self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, strategy: str = ""
    ) -> Decimal:
        equity, volatility = snapshot.money.equity, _volatility(instrument, snapshot)
        if volatility <= 0:
            return Decimal(0)
        value = min(part_of(equity, self.max_notional_fraction), part_of(equity, self.target) / volatility)
        return quantity_within(
            instrument,
            price,
            stop_distance,
            snapshot,
            risk=part_of(equity, self.max_risk_fraction),
            value=value,
            cost_bps=self.cost_bps,
        )


def _volatility(instrument: Instrument, snapshot: Snapshot) -> Decimal:
    return exact(snapshot.surroundings.volatility.get(instrument.name, 0))
