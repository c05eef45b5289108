"""Reads an account's orders and fills at Coinbase, and finds orders by an id that the venue has no question for."""

from collections.abc import AsyncIterator
from datetime import datetime

from desk.adapters.feeds.bounded import BoundedCache
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.clock import VenueClock
from desk.adapters.venues.coinbase.errors import NOT_FOUND
from desk.adapters.venues.coinbase.market import CoinbaseMarket
from desk.adapters.venues.coinbase.names import VENUE, instrument_name
from desk.adapters.venues.coinbase.orders import fill_from, order_from
from desk.adapters.venues.coinbase.reading import pages, read
from desk.adapters.venues.coinbase.terms import Looks
from desk.adapters.venues.coinbase.wire.orders import FillPage, OrderPage, OrderReply, VenueFill, VenueOrder
from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.orders import Fill, Order

_FINAL = ("FILLED", "CANCELLED", "EXPIRED", "FAILED")
_REMEMBERED = 20_000


class OrderHistory:
    """What the venue knows of an account's orders; remembers the client order id of an order, which never changes."""

    def __init__(self, session: VenueSession, market: CoinbaseMarket, clock: VenueClock, looks: Looks) -> None:
        self._session = session
        self._market = market
        self._clock = clock
        self._looks = looks
        self._order_ids: BoundedCache[str, str] = BoundedCache(_REMEMBERED, lambda _: 1)
        self._origins: BoundedCache[str, VenueOrder] = BoundedCache(_REMEMBERED, lambda _: 1)

    async def by_id(self, order_id: str) -> Order | None:
        """Return an order with its fills, None where the venue does not show it."""
        wire = await self._order(order_id)
        return None if wire is None else await self.with_fills(wire)

    async def with_fills(self, wire: VenueOrder) -> Order:
        """Return an order with its fills."""
        if not wire.filled_size:
            return order_from(wire)
        fills = await self.fills(order_id=wire.order_id)
        return order_from(wire, [await self.fill(fill) for fill in fills])

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """Return every working order, oldest first.

        The venue's list of open ones leaves out those that it has not put into the book yet; they are looked for
        among the recent ones.
        """
        found = {wire.order_id: wire async for wire in self._listed(status="OPEN")}
        async for wire in self._listed(since=self._recent()):
            if wire.status not in _FINAL:
                found.setdefault(wire.order_id, wire)
        return tuple(sorted(found.values(), key=lambda wire: (wire.created_time, wire.order_id)))

    async def find(self, client_order_id: str) -> VenueOrder | None:
        """Look for an order until it is found, or the venue has had time to show it.

        The first look goes through all that there ever was, the further ones through what is recent: only that can
        still appear.
        """
        found = await self._look(client_order_id, since=None)
        for pause in self._looks.pauses:
            if found is not None:
                break
            await self._looks.wait(pause)
            found = await self._look(client_order_id, since=self._recent())
        return found

    async def fills(
        self, *, order_id: str = "", products: tuple[str, ...] = (), since: datetime | None = None
    ) -> tuple[VenueFill, ...]:
        """Return fills without repetitions, oldest first."""
        found: dict[str, VenueFill] = {}
        async for page in self.fill_pages(order_id=order_id, products=products, since=since):
            found |= {fill.entry_id: fill for fill in page.fills}
        return tuple(sorted(found.values(), key=lambda fill: (fill.posted_at, fill.entry_id)))

    def fill_pages(
        self, *, order_id: str = "", products: tuple[str, ...] = (), since: datetime | None = None
    ) -> AsyncIterator[FillPage]:
        """Yield pages of fills as the venue orders them."""
        return pages(
            self._session,
            lambda cursor: requests.fills(cursor, order_id=order_id, products=products, since=since),
            FillPage,
        )

    async def fill(self, wire: VenueFill) -> Fill:
        """Return a fill under the client order id of its order, which the venue does not tell with it."""
        origin = self._origins.get(wire.order_id) or await self._order(wire.order_id) or self._unseen(wire)
        return fill_from(wire, origin, await self._market.instrument(instrument_name(wire.product_id)))

    async def _look(self, client_order_id: str, *, since: datetime | None) -> VenueOrder | None:
        """Look once: among open orders, among those created since a time or ever, and behind recent fills."""
        if known := self._order_ids.get(client_order_id):
            return await self._order(known)
        async for wire in self._listed(status="OPEN"):
            if wire.client_order_id == client_order_id:
                return wire
        async for wire in self._listed(since=since):
            if wire.client_order_id == client_order_id:
                return wire
        return await self._behind_fills(client_order_id)

    async def unattributed(self, wire: VenueFill) -> Fill:
        """Return a fill whose order does not matter."""
        return fill_from(wire, _forgotten(wire), await self._market.instrument(instrument_name(wire.product_id)))

    async def _order(self, order_id: str) -> VenueOrder | None:
        try:
            wire = (await read(self._session, requests.order(order_id), OrderReply)).order
        except InvalidOrder as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return self._remembered(wire)

    async def _listed(self, *, status: str = "", since: datetime | None = None) -> AsyncIterator[VenueOrder]:
        listing = pages(self._session, lambda cursor: requests.orders(cursor, status=status, since=since), OrderPage)
        async for page in listing:
            for wire in page.orders:
                yield self._remembered(wire)

    async def _behind_fills(self, client_order_id: str) -> VenueOrder | None:
        """Ask for the orders of recent fills that no list has shown."""
        filled = {fill.order_id for fill in await self.fills(since=self._recent())}
        for order_id in sorted(name for name in filled if self._origins.get(name) is None):
            wire = await self._order(order_id)
            if wire is not None and wire.client_order_id == client_order_id:
                return wire
        return None

    def _unseen(self, wire: VenueFill) -> VenueOrder:
        """An order that the venue has forgotten is nobody's; one that it does not show yet has to be waited for."""
        if wire.trade_time >= self._recent():
            message = f"fill {wire.entry_id} is of order {wire.order_id}, which the venue does not show yet; ask again"
            raise VenueUnavailable(VENUE, "fills", "ORDER_NOT_SHOWN", message)
        return _forgotten(wire)

    def _recent(self) -> datetime:
        return self._clock.now() - self._looks.recent

    def _remembered(self, wire: VenueOrder) -> VenueOrder:
        self._origins.put(wire.order_id, wire)
        if wire.client_order_id:
            self._order_ids.put(wire.client_order_id, wire.order_id)
        return wire


def _forgotten(wire: VenueFill) -> VenueOrder:
    """What a fill tells of its order."""
    return VenueOrder(
        order_id=wire.order_id,
        product_id=wire.product_id,
        side=wire.side,
        status="FILLED",
        created_time=wire.trade_time,
    )
