"""How much worse than the quote an order is expected to be filled: the square root of its share of a day's turnover.

The price moves against an order by a multiple of the volatility of a day times the square root of its share of the
day's turnover, and by a floor at least. The law is in Grinold and Kahn, *Active Portfolio Management*, 2nd edition,
1999, chapter 16; Kissell, *The Science of Algorithmic Trading and Portfolio Management*, 2013, has the terms by size
and volatility; Almgren, Thum, Hauptmann and Li, "Direct Estimation of Equity Market Impact", *Risk*, 2005, measured an
exponent of 0.6 on shares, which for an order of less than a day's turnover costs less than the square root does.
"""

from decimal import Decimal
from math import isfinite, sqrt

from desk.costs.terms import CostTerms
from desk.model.surroundings import Surroundings

_DAYS_OF_A_YEAR = 365
_ONE_BP = Decimal("0.0001")


def slippage_fraction(terms: CostTerms, surroundings: Surroundings, instrument: str, notional: Decimal) -> Decimal:
    """Return what a fill of `notional` is worse than the quote by, as a fraction of the price.

    Where turnover or volatility is not known, what the terms assume for that is added to the floor.
    """
    floor = terms.slippage_bps * _ONE_BP
    turnover, volatility = surroundings.turnover.get(instrument), surroundings.volatility.get(instrument)
    if turnover is None or volatility is None or not (turnover.is_finite() and isfinite(volatility)) or turnover <= 0:
        return floor + terms.unknown_slippage_bps * _ONE_BP
    share = max(Decimal(0), notional / turnover)
    of_a_day = Decimal(f"{volatility / sqrt(_DAYS_OF_A_YEAR):.12g}")
    return max(floor, terms.impact * of_a_day * share.sqrt())
