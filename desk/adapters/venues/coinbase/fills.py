"""The account's fills since a cursor, none of them twice.

The cursor is the newest time at which the venue wrote a fill down, and the ids of the fills shortly before it: the
venue is asked again for that while, because a fill may be written down late, and what was given before is left out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from desk.adapters.venues.coinbase.history import OrderHistory
from desk.adapters.venues.coinbase.names import VENUE, product_id
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.adapters.venues.coinbase.wire.orders import VenueFill
from desk.errors import InvalidOrder
from desk.model.orders import Fill

OVERLAP = timedelta(seconds=60)


async def fills_since(history: OrderHistory, terms: CoinbaseTerms, cursor: str) -> tuple[tuple[Fill, ...], str]:
    """Return the fills of the account's instruments after `cursor`, oldest first, and the next cursor.

    Raises:
        InvalidOrder: BAD_CURSOR, the cursor is not one that this function gave.
        VenueUnavailable: no answer, or a fill of an order that the venue does not show yet.
    """
    newest, given = _parsed(cursor)
    products = tuple(product_id(name) for name in terms.instruments)
    since = newest - OVERLAP if newest else None
    wires = [wire for wire in await history.fills(products=products, since=since) if wire.product_id in products]
    fresh = [wire for wire in wires if wire.entry_id not in given]
    return tuple([await history.fill(wire) for wire in fresh]), _cursor(wires) if fresh else cursor


def _cursor(wires: Iterable[VenueFill]) -> str:
    posted = {wire.entry_id: wire.posted_at for wire in wires}
    newest = max(posted.values())
    kept = sorted(name for name, at in posted.items() if at >= newest - OVERLAP)
    return " ".join((newest.isoformat(), *kept))


def _parsed(cursor: str) -> tuple[datetime | None, frozenset[str]]:
    if not cursor:
        return None, frozenset()
    time, *given = cursor.split(" ")
    try:
        return datetime.fromisoformat(time).astimezone(UTC), frozenset(given)
    except ValueError as error:
        message = "expected a time and ids as they were given before, or nothing"
        raise InvalidOrder(VENUE, f"fills since {cursor[:40]!r}", "BAD_CURSOR", message) from error
