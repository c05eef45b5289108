"""Which instruments are not traded because their market is closed, whatever else could be said of them."""

from desk.model.books import Snapshot
from desk.model.reasons import Reason
from desk.model.sessions import is_open, next_open
from desk.model.trade import NoTrade


def why_closed(snapshot: Snapshot, name: str) -> NoTrade | None:
    """Return that the market of an instrument is closed, None where it is open.

    The quote has the last word: a venue keeps holidays and hours that no calendar has. Only where there is none, the
    calendar of the instrument's kind is asked.
    """
    quote, instrument = snapshot.quotes.get(name), snapshot.instruments.get(name)
    if quote is not None:
        detail = f"the last quote is of {quote.at:%Y-%m-%d %H:%M}Z"
        return None if quote.tradable else NoTrade(name, Reason.MARKET_CLOSED, detail)
    if instrument is None or is_open(instrument.kind, snapshot.at):
        return None
    opens = next_open(instrument.kind, snapshot.at)
    return NoTrade(name, Reason.MARKET_CLOSED, f"there is no quote, and its market opens at {opens:%Y-%m-%d %H:%M}Z")


def told_closed(snapshot: Snapshot, no_trade: NoTrade) -> NoTrade:
    """Return the same, or that the market is closed where nothing but old data was said: a closed market has no new."""
    if no_trade.reason is not Reason.STALE_DATA:
        return no_trade
    return why_closed(snapshot, no_trade.instrument) or no_trade
