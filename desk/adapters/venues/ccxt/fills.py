"""Fills since a cursor: exchanges filter by time, so each look goes back a little and leaves out what was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from desk.adapters.feeds.bounded import BoundedCache
from desk.adapters.venues.ccxt.abilities import CLIENT_ORDER_ID
from desk.adapters.venues.ccxt.amounts import milliseconds_of
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.catalogue import Catalogue
from desk.adapters.venues.ccxt.errors import VENUE
from desk.adapters.venues.ccxt.orders import Raw, fill_of
from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.orders import Fill

OVERLAP = timedelta(minutes=1)
# Some exchanges refuse to be asked about more than a week.
_FIRST_LOOK = timedelta(days=7) - 5 * OVERLAP
_PAGE = 100
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class _Cursor:
    newest: int
    told: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Self:
        newest, _, told = text.partition(":")
        if not newest.isdecimal():
            raise InvalidOrder(VENUE, f"fills since {text!r}", "BAD_CURSOR", "expected a cursor that was given before")
        return cls(int(newest), frozenset(told.split(",")))

    def __str__(self) -> str:
        return f"{self.newest}:{','.join(sorted(self.told))}"


class FillReader:
    """Reads an account's fills, with the client order ids of their orders, which ccxt does not tell with them."""

    def __init__(self, calls: CcxtCalls, catalogue: Catalogue, instruments: Sequence[str]) -> None:
        self._calls = calls
        self._catalogue = catalogue
        self._instruments = tuple(instruments)
        self._ids: BoundedCache[str, str] = BoundedCache(_REMEMBERED, lambda _: 1)

    def remember(self, venue_order_id: str, client_order_id: str) -> None:
        """Note which order an exchange's own id is of."""
        self._ids.put(venue_order_id, client_order_id)

    async def of_order(self, raw: Raw, instrument: str, client_order_id: str) -> tuple[Fill, ...]:
        """Return the fills of one order, oldest first."""
        self.remember(str(raw["id"]), client_order_id)
        since = int(raw["timestamp"]) - OVERLAP // timedelta(milliseconds=1) if raw.get("timestamp") else None
        trades = [one for one in await self._trades(instrument, since) if one.get("order") == raw["id"]]
        return await self._fills(trades, instrument)

    async def since(self, text: str) -> tuple[tuple[Fill, ...], str]:
        """Return the fills that the cursor does not know, oldest first, and the next cursor.

        Raises:
            InvalidOrder: BAD_CURSOR.
        """
        cursor = _Cursor.read(text) if text else None
        overlap = OVERLAP // timedelta(milliseconds=1)
        first = milliseconds_of(self._calls.clock.now() - _FIRST_LOOK)
        start = cursor.newest - overlap if cursor else first
        found: list[Fill] = []
        for instrument in self._instruments:
            found += await self._fills(await self._trades(instrument, start), instrument)
        new = sorted(
            (one for one in found if cursor is None or one.venue_trade_id not in cursor.told),
            key=lambda one: (one.at, len(one.venue_trade_id), one.venue_trade_id),
        )
        if not new:
            return (), text
        newest = max(milliseconds_of(one.at) for one in found)
        edge = datetime.fromtimestamp((newest - overlap) / 1_000, tz=UTC)
        told = frozenset(one.venue_trade_id for one in found if one.at >= edge)
        return tuple(new), str(_Cursor(newest, told))

    async def _trades(self, instrument: str, start: int | None) -> list[Raw]:
        """Everything since a time in milliseconds, page by page, each trade once."""
        found: dict[str, Raw] = {}
        while True:
            page = await self._calls.ask("fetch_my_trades", f"fills in {instrument}", instrument, start, _PAGE)
            fresh = {str(one["id"]): one for one in page if str(one["id"]) not in found}
            found |= fresh
            if len(page) < _PAGE or not fresh:
                break
            start = max(int(one["timestamp"]) for one in page)
        return sorted(found.values(), key=lambda one: (int(one["timestamp"]), str(one["id"])))

    async def _fills(self, trades: Sequence[Raw], instrument: str) -> tuple[Fill, ...]:
        listing = await self._catalogue.listing(instrument)
        try:
            return tuple([fill_of(one, await self._client_id(one, instrument), listing) for one in trades])
        except (ValueError, KeyError) as error:
            raise VenueUnavailable(VENUE, f"fills in {instrument}", "UNREADABLE", str(error)) from None

    async def _client_id(self, trade: Raw, instrument: str) -> str:
        number = str(trade["order"])
        known = self._ids.get(number)
        if known is None:
            raw = await self._calls.ask("fetch_order", f"order {number}", number, instrument)
            known = str(raw.get(CLIENT_ORDER_ID) or number)
            self.remember(number, known)
        return known
