"""Aster's two streams, of best prices and of what happens to an account; answered pings are their heartbeat."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter

from desk.adapters.streams.events import AccountEvent, AccountEventKind, Event, Heartbeat
from desk.adapters.streams.websocket import SocketTerms, open_socket
from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.reply import Unreadable
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.catalogue import Catalogue
from desk.adapters.venues.aster.credentials import AsterCredentials
from desk.adapters.venues.aster.errors import VENUE
from desk.adapters.venues.aster.names import symbol_of
from desk.adapters.venues.aster.open import Environment, host_of, open_calls
from desk.adapters.venues.aster.stream_wire import ACCOUNT_NEWS, LISTEN_KEY, NAMED_PRICE_NEWS, NEWS, ORDER_NEWS
from desk.adapters.venues.aster.wire import ANYTHING, understood
from desk.errors import ConfigError, VenueError, VenueUnavailable
from desk.model.books import Quote
from desk.ports import Clock

QUIET_AFTER = timedelta(seconds=15)
"""The first ping is known to be answered after ten seconds, and each further one five seconds later."""
PING_EVERY = timedelta(seconds=5)
KEEP_EVERY = timedelta(minutes=30)
"""A listen key ends an hour after it was last asked for."""
MOST_STREAMS = 200

_FAREWELL = timedelta(seconds=2)
_PRICES, _NEWS, _KEY = "stream of prices", "stream of the account", "listen key"
_LOG = logging.getLogger("scandesk.aster")

T = TypeVar("T")


class AsterPriceStream:
    """Implements `Source`: the best prices of perpetuals, each as soon as it changes.

    Args:
        instruments: whose prices are wanted, by our names.
    """

    def __init__(
        self, url: str, instruments: Sequence[str], *, catalogue: Catalogue, clock: Clock, ping_every: timedelta
    ) -> None:
        self._names = {symbol: name for name in instruments if (symbol := symbol_of(name)) is not None}
        if not 0 < len(self._names) <= MOST_STREAMS:
            found = len(self._names)
            raise ConfigError(
                f"aster: expected 1 to {MOST_STREAMS} perpetuals whose prices are streamed, found {found}"
            )
        streams = "/".join(f"{symbol.lower()}@bookTicker" for symbol in self._names)
        self._url = f"{url}/stream?streams={streams}"
        self._catalogue = catalogue
        self._clock = clock
        self._terms = SocketTerms(VENUE, _PRICES, ping_every=ping_every)

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give quotes and heartbeats, the first heartbeat at once; see `Source`."""
        async with open_socket(self._url, self._terms) as socket:
            yield Heartbeat(self._clock.now())
            async with aclosing(socket.messages()) as messages:
                async for message in messages:
                    event = Heartbeat(self._clock.now()) if message is None else await self._quote(message)
                    if event is not None:
                        yield event

    async def _quote(self, message: Any) -> Quote | None:  # wire data has no type before it is read
        told = _read(NAMED_PRICE_NEWS, message, _PRICES).data
        name = self._names.get(told.symbol)
        if name is None or not 0 < told.bid <= told.ask:
            return None
        # The stream does not say whether orders are taken; the list of perpetuals does, a few minutes old at most.
        listing = (await self._catalogue.listings()).get(name)
        return Quote(name, told.bid, told.ask, told.at, listing is not None and listing.tradable)


class AsterAccountStream:
    """Implements `Source`: that something has happened to an account. What exactly has to be asked.

    Each connection has a listen key, which is kept alive and given up with it. The venue may give all connections of an
    account the same key; then the others hear no more once one is closed, and find out when they ask for it again.
    """

    def __init__(self, url: str, calls: AsterCalls, *, clock: Clock, ping_every: timedelta) -> None:
        self._url = url
        self._calls = calls
        self._clock = clock
        self._terms = SocketTerms(VENUE, _NEWS, ping_every=ping_every)

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give what happened and heartbeats, the first heartbeat at once; see `Source`.

        Raises:
            VenueUnavailable: LISTEN_KEY_EXPIRED, the venue has ended the key.
        """
        told = await self._calls.tell("POST", "listenKey", _KEY, LISTEN_KEY)
        try:
            async with aclosing(self._heard(f"{self._url}/ws/{told.key.get_secret_value()}")) as events:
                async for event in events:
                    yield event
        finally:
            await self._give_up_key()

    async def _heard(self, url: str) -> AsyncGenerator[Event, None]:
        due = self._clock.now() + KEEP_EVERY
        async with open_socket(url, self._terms) as socket, aclosing(socket.messages()) as messages:
            yield Heartbeat(self._clock.now())
            async for message in messages:
                now = self._clock.now()
                yield Heartbeat(now) if message is None else _event(message)
                if now >= due:
                    due = now + KEEP_EVERY
                    await self._calls.tell("PUT", "listenKey", _KEY, ANYTHING)

    async def _give_up_key(self) -> None:
        try:
            async with asyncio.timeout(_FAREWELL.total_seconds()):
                await self._calls.tell("DELETE", "listenKey", _KEY, ANYTHING)
        except (VenueError, TimeoutError) as error:
            # It ends by itself within the hour.
            _LOG.warning("aster: the listen key could not be given up: %s", str(error) or type(error).__name__)


@dataclass(frozen=True, slots=True)
class AsterStreams:
    """Makes the sources of an account; close it after the streams.

    Attributes:
        url: of the venue's WebSocket.
        session: for the little that is asked beside.
        ping_every: the pause between pings; `QUIET_AFTER` is for the usual one.
    """

    url: str
    calls: AsterCalls
    session: VenueSession
    clock: Clock
    ping_every: timedelta = PING_EVERY

    def prices(self, instruments: Sequence[str]) -> AsterPriceStream:
        """Return the prices of instruments; no key is used.

        Raises:
            ConfigError: there is no perpetual among them, or there are too many for one connection.
        """
        catalogue = Catalogue(self.calls, self.clock, known=instruments)
        return AsterPriceStream(
            self.url, instruments, catalogue=catalogue, clock=self.clock, ping_every=self.ping_every
        )

    def account_events(self) -> AsterAccountStream:
        """Return what happens to the account."""
        return AsterAccountStream(self.url, self.calls, clock=self.clock, ping_every=self.ping_every)

    async def close(self) -> None:
        """Close what is open beside the streams."""
        await self.session.close()


def open_aster_streams(
    credentials: AsterCredentials,
    environment: Environment,
    *,
    clock: Clock,
    base_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
    meter: Meter | None = None,
    ping_every: timedelta = PING_EVERY,
) -> AsterStreams:
    """Return what makes streams; nothing is sent yet. See `open_aster`."""
    host = host_of(environment, base_url)
    opened = open_calls(credentials, host, clock=clock, transport=transport, meter=meter)
    return AsterStreams(host.stream_url, opened.calls, opened.session, clock, ping_every)


def _event(message: Any) -> AccountEvent:
    news = _read(NEWS, message, _NEWS)
    if news.kind == "listenKeyExpired":
        raise VenueUnavailable(VENUE, _NEWS, "LISTEN_KEY_EXPIRED", "the venue has ended the listen key")
    if news.kind == "ORDER_TRADE_UPDATE":
        order = _read(ORDER_NEWS, message, _NEWS).order
        kind = AccountEventKind.FILL if order.execution == "TRADE" else AccountEventKind.ORDER
        return AccountEvent(kind, news.at, order.client_order_id, str(order.order_id))
    if news.kind == "ACCOUNT_UPDATE":
        positions = _read(ACCOUNT_NEWS, message, _NEWS).change.positions
        return AccountEvent(AccountEventKind.POSITION if positions else AccountEventKind.MONEY, news.at)
    return AccountEvent(AccountEventKind.MONEY if news.kind == "MARGIN_CALL" else AccountEventKind.OTHER, news.at)


def _read(adapter: TypeAdapter[T], message: Any, name: str) -> T:
    try:
        return understood(adapter, message)
    except Unreadable as error:
        raise VenueUnavailable(VENUE, name, "UNREADABLE", str(error)) from None
