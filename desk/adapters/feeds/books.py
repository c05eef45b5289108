"""Order books and funding of the synthetic market, functions of seed, instrument and time as its candles are.

They tell nothing of what comes: how a book leans is drawn anew each second, whatever prices do afterwards.
"""

from datetime import datetime
from decimal import Decimal

import numpy as np

from desk.adapters.feeds.factors import generator
from desk.model.books import Quote
from desk.model.candles import FloatArray
from desk.model.depth import FUNDING_PERIOD, LEVELS, Depth, Funding, Level
from desk.model.instrument import Instrument, InstrumentKind

_LEAN = 0.7
"""Standard deviation of the inverse hyperbolic tangent of how far a book leans to one side."""
_UNEVEN = 0.5
"""Standard deviation of the logarithm of the quantity at one price."""
_MEAN_FUNDING, _FUNDING_MOVES = 0.0001, 0.0002
"""Of eight hours: perpetuals usually trade above spot, and whoever is long pays for it."""


def made_book(
    seed: int, instrument: Instrument, quote: Quote, at: datetime, *, usual: float, levels: int = LEVELS
) -> Depth:
    """Return the book of the second that contains `at`: prices a tick apart on each side of a quote.

    Args:
        usual: the quantity at one price, in base units; none is less than a lot.
        levels: prices on each side.
    """
    random = generator(seed, "book", instrument.name, int(at.timestamp()))
    lean = np.tanh(random.normal(0, _LEAN))
    sizes = usual * np.exp(random.normal(0, _UNEVEN, (2, levels)))
    return Depth(
        instrument.name,
        bids=_levels(instrument, quote.bid, -instrument.tick, sizes[0] * (1 + lean)),
        asks=_levels(instrument, quote.ask, instrument.tick, sizes[1] * (1 - lean)),
        at=at,
    )


def made_funding(seed: int, instrument: Instrument, at: datetime) -> Funding | None:
    """Return what a perpetual pays at the end of the eight hours (UTC) that contain `at`; None for anything else."""
    if instrument.kind is not InstrumentKind.PERPETUAL:
        return None
    index = int(at.timestamp() // FUNDING_PERIOD.total_seconds())
    random = generator(seed, "funding", instrument.name, index)
    rate = Decimal(f"{random.normal(_MEAN_FUNDING, _FUNDING_MOVES):.6f}")
    return Funding(instrument.name, rate, FUNDING_PERIOD, at)


def _levels(instrument: Instrument, best: Decimal, step: Decimal, sizes: FloatArray) -> tuple[Level, ...]:
    quantities = (max(instrument.round_quantity(Decimal(f"{size:.8f}")), instrument.lot) for size in sizes)
    return tuple(Level(best + row * step, quantity) for row, quantity in enumerate(quantities))
