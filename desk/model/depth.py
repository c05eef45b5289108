"""What is offered and bid behind the best prices, what a perpetual pays its holders, and the figures made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

BOOK_IMBALANCE, MICRO_PRICE, FUNDING_RATE = "book_imbalance", "micro_price", "funding_rate"
"""Names of the series that are made of books and funding."""

LEVELS = 5
"""How many prices of each side count for the imbalance: venues tell between one and thousands."""

FUNDING_PERIOD = timedelta(hours=8)
"""What `funding_rate` is counted for, whatever interval a contract has."""


@dataclass(frozen=True, slots=True)
class Level:
    """A price, and the quantity in base units that waits there."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Depth:
    """The best prices of an order book with what waits at each.

    Attributes:
        bids, asks: best first; empty where nobody waits.
        at: when the book was so, as its source tells it.
    """

    instrument: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    at: datetime

    @classmethod
    def sorted(cls, instrument: str, bids: Iterable[Level], asks: Iterable[Level], at: datetime) -> "Depth":
        """Return a book of levels in any order; those at which nothing waits are left out."""
        bid = sorted((one for one in bids if one.quantity > 0), key=lambda level: -level.price)
        ask = sorted((one for one in asks if one.quantity > 0), key=lambda level: level.price)
        return cls(instrument, tuple(bid), tuple(ask), at)

    @property
    def is_sound(self) -> bool:
        """Whether both sides have a price, and the best bid is below the best ask."""
        return bool(self.bids and self.asks) and 0 < self.bids[0].price < self.asks[0].price


@dataclass(frozen=True, slots=True)
class Funding:
    """What a long pays a short, as a fraction of the notional; below 0 the short pays.

    Attributes:
        rate: of one interval, the next that is paid.
        interval: from one payment to the next, above 0.
        at: when it was so, as its source tells it.
    """

    instrument: str
    rate: Decimal
    interval: timedelta
    at: datetime


def book_figures(depth: Depth) -> Mapping[str, float]:
    """Return the figures of a book by name; none of one that is not sound, whose sides cannot be compared.

    The imbalance is (bid - ask) / (bid + ask) of the quantities at the first `LEVELS` prices of each side, from -1 to
    1. The micro-price is the mean of the best two prices, each weighted by what waits at the other: the first guess of
    Stoikov's (2018), without his correction by the history of the book.
    """
    if not depth.is_sound:
        return {}
    bid, ask = (sum(level.quantity for level in side[:LEVELS]) for side in (depth.bids, depth.asks))
    below, above = depth.bids[0], depth.asks[0]
    weighted = below.price * above.quantity + above.price * below.quantity
    return {
        BOOK_IMBALANCE: float((bid - ask) / (bid + ask)),
        MICRO_PRICE: float(weighted / (below.quantity + above.quantity)),
    }


def funding_figures(funding: Funding) -> Mapping[str, float]:
    """Return the rate by name, for `FUNDING_PERIOD`."""
    microsecond = timedelta(microseconds=1)
    share = Decimal(FUNDING_PERIOD // microsecond) / Decimal(funding.interval // microsecond)
    return {FUNDING_RATE: float(funding.rate * share)}
