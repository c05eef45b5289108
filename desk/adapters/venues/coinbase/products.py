"""The markets of Coinbase: the whole list, kept for an hour, and the state of some of them now."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.clock import VenueClock
from desk.adapters.venues.coinbase.names import VENUE, instrument_name
from desk.adapters.venues.coinbase.reading import read
from desk.adapters.venues.coinbase.wire.market import Product, Products
from desk.errors import DataError, VenueUnavailable
from desk.model.instrument import Instrument, InstrumentKind

KEPT = timedelta(hours=1)


class ProductList:
    """What can be traded at Coinbase, on which grid, and whether it can be now."""

    def __init__(self, session: VenueSession, clock: VenueClock) -> None:
        self._session = session
        self._clock = clock
        self._read_at: datetime | None = None
        self._instruments: Mapping[str, Instrument] = {}
        self._reading = asyncio.Lock()

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every spot instrument, by name."""
        async with self._reading:
            now = self._clock.now()
            if self._read_at is None or not self._read_at <= now < self._read_at + KEPT:
                self._instruments, self._read_at = await self._all(), now
        return self._instruments

    async def instrument(self, name: str) -> Instrument:
        """Return one instrument.

        Raises:
            DataError: the venue does not have it.
        """
        found = (await self.instruments()).get(name)
        if found is None:
            raise DataError(f"{VENUE}: expected a spot market of the venue, found {name}, which it does not have")
        return found

    async def states(self, names: Iterable[str]) -> Mapping[str, Product]:
        """Return some products as they are now, by product id."""
        page = await read(self._session, requests.products(names), Products)
        return {product.product_id: product for product in page.products}

    async def _all(self) -> dict[str, Instrument]:
        """Read pages until one brings nothing new: a page may be shorter than was asked for."""
        found: dict[str, Product] = {}
        while True:
            page = await read(self._session, requests.products_page(len(found)), Products)
            fresh = {product.product_id: product for product in page.products if product.product_id not in found}
            if not fresh:
                break
            found |= fresh
        if not found:
            raise VenueUnavailable(VENUE, "products", "EMPTY", "expected at least one product, found none")
        return {instrument_name(name): _instrument(product) for name, product in found.items() if product.is_spot}


def _instrument(product: Product) -> Instrument:
    return Instrument(
        name=instrument_name(product.product_id),
        kind=InstrumentKind.SPOT,
        tick=product.tick,
        lot=product.base_increment,
        minimum_quantity=product.base_min_size,
        minimum_notional=product.quote_min_size,
    )
