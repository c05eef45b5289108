"""The embedded venue: orders are matched against a feed, and the books live in the desk's database."""

from desk.adapters.venues.paper.terms import PaperTerms
from desk.adapters.venues.paper.trading import PaperTrading

__all__ = ["PaperTerms", "PaperTrading"]
