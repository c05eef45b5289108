"""What waits at the best prices of the simulated market, the same for every dialect; orders are not matched by it."""

from desk.adapters.feeds.books import made_book
from desk.model.depth import Depth
from simulator.exchange import Exchange

_SEED = 0
_WORTH = 50_000
"""In quote currency, of what usually waits at one price."""


async def book_of(exchange: Exchange, name: str, levels: int) -> Depth | None:
    """Return the book of now around the price at which orders are matched; None where there is no price."""
    instruments, quotes = await exchange.feed.instruments(), await exchange.quotes([name])
    if name not in quotes:
        return None
    usual = _WORTH / float(quotes[name].mid)
    return made_book(_SEED, instruments[name], quotes[name], exchange.clock.told(), usual=usual, levels=levels)
