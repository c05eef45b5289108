"""What a trade is expected to cost, before it is made: fees, spread, slippage, financing, conversion. Pure."""

from desk.costs.estimating import estimate_cost
from desk.costs.terms import CostTerms

__all__ = ["CostTerms", "estimate_cost"]
