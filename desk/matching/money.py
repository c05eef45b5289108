"""How money is rounded: once, at eight decimals, in a context wide enough that nothing else rounds."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal

EXACT = Context(prec=60)
"""Wide enough for a product of any two amounts of the desk; use it with `localcontext` wherever sums must be exact."""

_STEP = Decimal("0.00000001")


def round_money(amount: Decimal) -> Decimal:
    """Round to the nearest eighth decimal."""
    return amount.quantize(_STEP, ROUND_HALF_EVEN, EXACT)


def round_charge(amount: Decimal) -> Decimal:
    """Round up at the eighth decimal: a charge grows, a rebate shrinks."""
    return amount.quantize(_STEP, ROUND_CEILING, EXACT)
