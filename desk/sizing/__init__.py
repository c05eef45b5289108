"""Sizing methods, one file each: how large a trade may be for the risk it takes; and what they share."""

from decimal import ROUND_DOWN, Context, Decimal, localcontext
from math import isfinite

from desk.model.books import Snapshot
from desk.model.instrument import Instrument

_EXACT = Context(prec=100, rounding=ROUND_DOWN)
# Fewer digits than the 28 of everyday decimals, so that rounding to the lot afterwards cannot round the last one up.
_DIGITS = Context(prec=20, rounding=ROUND_DOWN)

_ONE_BP = Decimal("0.0001")


def quantity_within(
    instrument: Instrument,
    price: Decimal,
    stop_distance: Decimal,
    snapshot: Snapshot,
    *,
    risk: Decimal,
    value: Decimal,
    cost_bps: Decimal,
) -> Decimal:
    """Return the largest quantity within both limits, in base units, not yet rounded to the lot.

    0 without a conversion rate, and for a contract whose profit is not its quantity times the change of the price: its
    loss at the stop would be another one.

    Args:
        instrument: what is bought or sold.
        price: the reference price in quote currency, above 0.
        stop_distance: from entry to stop, in price, above 0.
        snapshot: gives the conversion rate.
        risk: what may be lost at the stop, costs included, in account currency.
        value: what the trade may be worth, in account currency.
        cost_bps: what fees and slippage may add to the loss, of the price.
    """
    rate = snapshot.rate(instrument.name)
    if rate is None or rate <= 0 or not instrument.is_linear:
        return Decimal(0)
    with localcontext(_EXACT):
        loss_per_unit = (stop_distance + price * cost_bps * _ONE_BP) * rate
        least = min(risk / loss_per_unit, value / (price * rate))
    return max(Decimal(0), _DIGITS.plus(least))


def part_of(amount: Decimal, fraction: Decimal) -> Decimal:
    """Return a fraction of an amount, to the last digit; of a debt nothing."""
    return max(Decimal(0), _EXACT.multiply(amount, fraction))


def exact(value: float) -> Decimal:
    """Return the decimal number that a float stands for, to twelve digits; 0 for what is no number."""
    return Decimal(f"{value:.12g}") if isfinite(value) else Decimal(0)
