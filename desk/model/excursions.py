"""How far the price went against a trade and for it while it was held: one definition, live and in the past.

John Sweeney, *Maximum Adverse Excursion*, 1997 (MAE, and MFE for the favourable side). Prices are those at which the
trade could have been closed. Nothing here imports numpy: whoever reads the ledger needs none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from desk.model.instrument import Side

if TYPE_CHECKING:
    from desk.model.candles import Candles

Number = TypeVar("Number", float, Decimal)

_PARTS = 10
"""A candle counts where the trade was open for at least one of so many parts of it.

What a scan closes is closed seconds after a candle has begun, and nothing of that candle is about the trade.
"""


class Extremes(NamedTuple):
    """The worst and the best price of a trade's way, in quote currency; neither is on the wrong side of the entry."""

    worst: Decimal
    best: Decimal


@dataclass(frozen=True, slots=True)
class Excursion:
    """Between which prices a market was seen while a trade was held, on the side on which that is closed.

    Attributes:
        instrument, opened_at: which trade of its account.
        lowest, highest: in quote currency.
        since, until: the time in which nothing was passed over; without `since` it is a single price, at `until`.
    """

    instrument: str
    opened_at: datetime
    lowest: Decimal
    highest: Decimal
    since: datetime | None
    until: datetime

    def joined(self, seen: Self) -> "Excursion | None":
        """Return what is known after one more look; None where there was a time between both that nobody saw."""
        if seen.since is None:
            return self._widened(seen, self.until)
        return None if seen.since > self.until else self._widened(seen, max(self.until, seen.until))

    @property
    def is_whole(self) -> bool:
        """Whether it was seen from its beginning on."""
        return self.since is not None and self.since <= self.opened_at

    def _widened(self, seen: "Excursion", until: datetime) -> "Excursion":
        lowest, highest = min(self.lowest, seen.lowest), max(self.highest, seen.highest)
        return Excursion(self.instrument, self.opened_at, lowest, highest, self.since, until)


def worst_and_best(side: Side, entry: Number, prices: Iterable[Number]) -> tuple[Number, Number]:
    """Return the worst and the best of the prices for who entered on `side`; the entry is one of them."""
    known = list(chain((entry,), prices))
    return (min(known), max(known)) if side is Side.BUY else (max(known), min(known))


def open_result(side: Side, entry: Number, price: Number) -> Number:
    """Return what one base unit would have come to at a price, in quote currency, before fees; below 0 is a loss."""
    return price - entry if side is Side.BUY else entry - price


def rows_held(candles: "Candles", opened_at: datetime, closed_at: datetime | None) -> slice:
    """Return the candles in which a trade was open, the first and the last whole; perhaps none.

    Of those two it is not known what came before the entry or after the exit, so that what they say is a bound. One in
    which the trade was open for less than a tenth of its length is left out.

    Args:
        candles: closed ones.
        opened_at: of the trade.
        closed_at: None while it is open.
    """
    length = candles.timeframe.seconds
    margin, opened = length / _PARTS, opened_at.timestamp()
    # Whole numbers, because numpy would turn all times into floats to compare them with one.
    first = int(candles.time.searchsorted(ceil(opened + margin - length), side="left"))
    if closed_at is None:
        return slice(first, len(candles))
    closed = closed_at.timestamp()
    last = int(candles.time.searchsorted(floor(closed - margin), side="right"))
    return slice(first, last if closed - opened >= margin else first)
