"""A simulated Aster, and what is opened at it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
from pydantic import SecretStr

from desk.adapters.clocks import FixedClock, SystemClock
from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.aster.credentials import AsterCredentials, HmacCredentials, WalletCredentials
from desk.adapters.venues.aster.lookup import Patience
from desk.adapters.venues.aster.open import AsterVenue, open_aster
from desk.adapters.venues.aster.streams import AsterStreams, open_aster_streams
from desk.adapters.venues.recalling import Recall, recall_nothing
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent
from simulator.server import Addresses
from tests.desk.adapters.venues.aster.fakes import BTC, intent

START = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)
PINGS = timedelta(milliseconds=50)
KEY = HmacCredentials(api_key=SecretStr("simulator-aster-key"), api_secret=SecretStr("simulator-aster-secret"))
WALLET = WalletCredentials(private_key=SecretStr("0x" + "0" * 63 + "1"))


async def _at_once(seconds: float) -> None:
    await asyncio.sleep(0)


class Recording(httpx.AsyncBaseTransport):
    """Remembers what was asked for: `POST order`."""

    def __init__(self) -> None:
        self._wire = httpx.AsyncHTTPTransport(retries=0)
        self.calls: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path.rsplit('/', 1)[-1]}")
        return await self._wire.handle_async_request(request)

    async def aclose(self) -> None:
        await self._wire.aclose()


class Place:
    """The venue, its admin port, and one account; bitcoin is at 60000."""

    def __init__(self, admin: str, address: str) -> None:
        self.admin = httpx.AsyncClient(base_url=admin)
        self.address = address
        self.recording = Recording()
        self.venue = self.open(self.recording)
        self._streams: list[AsterStreams] = []

    def open(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        meter: Meter | None = None,
        recall: Recall = recall_nothing,
    ) -> AsterVenue:
        return open_aster(
            KEY,
            "simulator",
            clock=FixedClock(START),
            instruments=[BTC],
            base_url=self.address,
            transport=transport,
            meter=meter,
            recall=recall,
            retries=Retries(sleep=_at_once),
            patience=Patience(lag=timedelta(milliseconds=20)),
        )

    def streams(self, credentials: AsterCredentials = KEY, **options: object) -> AsterStreams:
        options = {"clock": SystemClock(), "base_url": self.address, "ping_every": PINGS, **options}
        self._streams.append(open_aster_streams(credentials, "simulator", **options))
        return self._streams[-1]

    async def say(self, path: str, **form: object) -> None:
        (await self.admin.post(path, json=form)).raise_for_status()

    async def price(self, bid: str, ask: str, instrument: str = BTC) -> None:
        await self.say("/prices", instrument=instrument, bid=bid, ask=ask)

    async def fault(self, kind: str, *, place: str = "stream", **more: object) -> None:
        form = [{"place": place, "kind": kind, **more}]
        (await self.admin.post("/faults", json=form)).raise_for_status()

    async def truth(self) -> dict:
        told = await self.admin.get("/truth", params={"venue": "aster"})
        return told.raise_for_status().json()["accounts"][0]

    async def orders(self) -> dict[str, str]:
        """How every order stands, by client id."""
        return {placed["client_id"]: placed["order"]["state"] for placed in (await self.truth())["orders"]}

    async def working(self) -> set[str]:
        """The client ids of the orders that something can still happen to."""
        return {name for name, state in (await self.orders()).items() if state in ("acked", "partial")}

    async def close(self) -> None:
        await self.admin.aclose()
        for one in (self.venue.session, *self._streams):
            await one.close()


@asynccontextmanager
async def place_at(addresses: Addresses) -> AsyncIterator[Place]:
    """Begin anew at a simulator that runs."""
    place = Place(addresses.admin, addresses.venues["aster"])
    try:
        await place.say("/reset")
        await place.price("60000", "60001")
        yield place
    finally:
        await place.close()


def entry(client_order_id: str = "sd-1", **changes: object) -> OrderIntent:
    """Buys bitcoin at 60001, with a stop at 59000 and a target at 62000."""
    barriers = Barriers(stop=Decimal(59_000), target=Decimal(62_000))
    return intent(client_order_id, **{"quantity": Decimal("0.010"), "barriers": barriers, **changes})


def exit_(client_order_id: str = "sd-2", **changes: object) -> OrderIntent:
    """Sells what `entry` bought."""
    return entry(client_order_id, **{"side": Side.SELL, "barriers": Barriers(), "reduce_only": True, **changes})
