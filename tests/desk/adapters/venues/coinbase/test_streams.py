"""Coinbase's streams over the simulator: prices and orders, kept open through everything that can go wrong."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from websockets.asyncio.server import ServerConnection, serve

from desk.adapters.clocks import SystemClock
from desk.adapters.streams.events import AccountEvent, AccountEventKind, Heartbeat, StreamGap
from desk.adapters.streams.supervised import SupervisedStream
from desk.adapters.streams.websocket import SocketTerms
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind
from desk.adapters.venues.coinbase.channels import Channels
from desk.adapters.venues.coinbase.errors import read_error
from desk.adapters.venues.coinbase.open import open_market
from desk.adapters.venues.coinbase.products import ProductList
from desk.adapters.venues.coinbase.streams import (
    STATES_KEPT,
    CoinbasePriceStream,
    CoinbaseStreams,
    open_coinbase_streams,
)
from desk.errors import AccessDenied, ConfigError, DataError, RateLimited, VenueError, VenueUnavailable
from desk.model.books import Quote
from simulator.dialects import coinbase
from simulator.server import Addresses, Plan, simulated
from tests.desk.adapters.streams.fakes import AT_ONCE, Memory
from tests.simulator.coinbase_customer import token

BTC, ETH = "BTC/USD", "ETH/USD"
START = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)
QUIET = timedelta(milliseconds=400)
NEVER = timedelta(seconds=30)
KEYS = {"cdp": ("es256_key", "es256_secret"), "ed25519": ("ed25519_key", "ed25519_secret")}
TERMS = SocketTerms("coinbase", "stream", ping_every=timedelta(milliseconds=20))


class Wound:
    """A clock that is wound by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def shown_at(self, wall: datetime) -> datetime:
        return wall


def key(kind: str = "cdp") -> CoinbaseCredentials:
    name, secret = (SecretStr(coinbase.VENUE.secrets[part]) for part in KEYS[kind])
    return CoinbaseCredentials(name, secret)


def unknown_key() -> CoinbaseCredentials:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return CoinbaseCredentials(SecretStr("organizations/canary/apiKeys/canary"), SecretStr(pem.decode()))


class Place:
    """A simulated Coinbase as the test steers it."""

    def __init__(self, admin: str, address: str) -> None:
        self.admin = httpx.AsyncClient(base_url=admin)
        self.address = address
        self.clock = Wound()
        self.streams = self.open_streams(key())

    def open_streams(self, credentials: CoinbaseCredentials) -> CoinbaseStreams:
        return open_coinbase_streams(credentials, "simulator", clock=self.clock, base_url=self.address)

    async def fault(self, kind: str, *, place: str = "stream", path: str = "/ws", **more: object) -> None:
        form = [{"place": place, "kind": kind, "path": path, **more}]
        (await self.admin.post("/faults", json=form)).raise_for_status()

    async def price(self, bid: str, ask: str, instrument: str = BTC) -> None:
        form = {"instrument": instrument, "bid": bid, "ask": ask}
        (await self.admin.post("/prices", json=form)).raise_for_status()

    async def halt(self, instrument: str = BTC) -> None:
        (await self.admin.post("/halts", json={"instrument": instrument})).raise_for_status()

    async def order(self, client_order_id: str, kind: str = "market_market_ioc", **settings: str) -> str:
        body = {"client_order_id": client_order_id, "product_id": "BTC-USD", "side": "BUY"}
        configuration = {kind: {"base_size": "0.1", **settings}}
        path, now = "/api/v3/brokerage/orders", int(START.timestamp())
        bound = token("es256", now, uri=f"POST {self.address.removeprefix('http://')}{path}")
        async with httpx.AsyncClient(base_url=self.address, headers={"Authorization": f"Bearer {bound}"}) as http:
            reply = await http.post(path, json={**body, "order_configuration": configuration})
        return str(reply.raise_for_status().json()["success_response"]["order_id"])

    async def rest(self, *instruments: str) -> dict[str, Quote]:
        market, session = open_market("simulator", clock=self.clock, base_url=self.address)
        async with session:
            return dict(await market.quotes(instruments, at=START))

    async def close(self) -> None:
        await self.admin.aclose()
        await self.streams.close()


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(["coinbase"], start=START, speed=0)) as running:
        yield running


@pytest.fixture
async def place(addresses) -> AsyncIterator[Place]:
    place = Place(addresses.admin, addresses.venues["coinbase"])
    (await place.admin.post("/reset")).raise_for_status()
    yield place
    await place.close()


@pytest.fixture
def memory() -> Memory:
    return Memory()


def kept_open(source, *listeners, quiet_after: timedelta = NEVER) -> SupervisedStream:
    return SupervisedStream(
        "stream of one", source, listeners, clock=SystemClock(), quiet_after=quiet_after, backoff=AT_ONCE
    )


async def first(source, kind: type, count: int = 1) -> list:
    """Return the first events of a kind on a connection of its own."""
    found, messages = [], source.messages()
    try:
        async with asyncio.timeout(3):
            while len(found) < count:
                event = await anext(messages)
                found += [event] if isinstance(event, kind) else []
    finally:
        await messages.aclose()
    return found


def of_kind(memory: Memory, kind: type) -> list:
    return [event for event in memory.log if isinstance(event, kind)]


def states(memory: Memory) -> list[str]:
    return [status.state.value for status in memory.statuses]


async def test_a_connection_begins_with_every_price_as_rest_tells_it(place):
    told = await first(place.streams.prices([BTC, ETH]), Quote, 2)
    asked = await place.rest(BTC, ETH)
    assert {quote.instrument: quote for quote in told} == {name: replace(asked[name], at=START) for name in asked}


async def test_a_price_that_changes_is_told_and_others_are_not(place, memory):
    async with kept_open(place.streams.prices([BTC]), memory):
        await memory.when(lambda: len(of_kind(memory, Quote)) == 1)
        await place.price("2000", "2001", ETH)
        await place.price("61000", "61000.5")
        await memory.when(lambda: len(of_kind(memory, Quote)) == 2)
    assert of_kind(memory, Quote)[1] == Quote(BTC, Decimal(61000), Decimal("61000.5"), START)


async def test_whether_orders_are_taken_is_asked_beside_the_prices_and_again_after_a_while(place, memory):
    async with kept_open(place.streams.prices([BTC]), memory):
        await memory.when(lambda: len(of_kind(memory, Quote)) == 1)
        await place.halt()
        await place.price("61000", "61001")
        await memory.when(lambda: len(of_kind(memory, Quote)) == 2)
        place.clock.ahead = STATES_KEPT
        await place.price("62000", "62001")
        await memory.when(lambda: len(of_kind(memory, Quote)) == 3)
    assert [quote.tradable for quote in of_kind(memory, Quote)] == [True, True, False]


@pytest.mark.parametrize("kind", KEYS)
async def test_what_happens_to_orders_is_told_by_either_kind_of_key(place, memory, kind):
    streams = place.open_streams(key(kind))
    async with streams.session, kept_open(streams.account_events(), memory):
        await memory.when(lambda: bool(of_kind(memory, Heartbeat)))
        number = await place.order("sd-1")
        await memory.when(lambda: bool(of_kind(memory, AccountEvent)))
    assert of_kind(memory, AccountEvent)[0] == AccountEvent(AccountEventKind.ORDER, START, "sd-1", number)


async def test_orders_that_were_open_before_are_no_news(place, memory):
    await place.order("sd-1", "limit_limit_gtc", limit_price="1000")
    async with kept_open(place.streams.account_events(), memory):
        await memory.when(lambda: bool(of_kind(memory, Heartbeat)))
        await place.order("sd-2")
        await memory.when(lambda: bool(of_kind(memory, AccountEvent)))
    assert {event.client_order_id for event in of_kind(memory, AccountEvent)} == {"sd-2"}


async def test_both_streams_have_heartbeats(place):
    sources = (place.streams.prices([BTC]), place.streams.account_events())
    assert await asyncio.gather(*(first(source, Heartbeat, 2) for source in sources)) == [[Heartbeat(START)] * 2] * 2


@pytest.mark.parametrize("kind", ["reset", "close", "garble"])
async def test_a_stream_that_breaks_in_the_middle_is_opened_again(place, memory, kind):
    async with kept_open(place.streams.prices([BTC]), memory):
        await memory.when(lambda: states(memory) == ["live"])
        await place.fault(kind)
        await place.price("61000", "61001")
        await memory.when(lambda: states(memory) == ["live", "broken", "live"])
    assert memory.log.count("missed") == 2


async def test_a_silent_stream_is_found_out_and_opened_again(place, memory):
    await place.fault("silence")
    async with kept_open(place.streams.account_events(), memory, quiet_after=QUIET):
        await memory.when(lambda: states(memory) == ["quiet", "live"])
    assert memory.statuses[0].reason == "nothing came for 0.4 s"


async def test_a_message_that_was_left_out_is_found_out_by_the_next(place, memory):
    async with kept_open(place.streams.account_events(), memory):
        await memory.when(lambda: bool(of_kind(memory, Heartbeat)))
        await place.fault("drop")
        await place.order("sd-1")
        await place.order("sd-2")
        await memory.when(lambda: states(memory) == ["live", "broken", "live"])
    assert "[GAP]: expected message" in memory.statuses[1].reason
    assert memory.log.count("missed") == 3


async def test_a_message_that_comes_twice_is_told_once(place, memory):
    await place.fault("duplicate", times=0)
    async with kept_open(place.streams.prices([BTC]), memory):
        await memory.when(lambda: bool(of_kind(memory, Heartbeat)))
        await place.price("61000", "61001")
        await memory.when(lambda: len(of_kind(memory, Quote)) >= 2)
        await place.price("62000", "62001")
        await memory.when(lambda: of_kind(memory, Quote)[-1].bid == 62000)
    assert len(of_kind(memory, Quote)) == 3
    assert states(memory) == ["live", "closed"]


async def test_a_key_that_the_venue_does_not_know_is_denied_and_its_name_is_not_told(place):
    streams = place.open_streams(unknown_key())
    async with streams.session:
        with pytest.raises(AccessDenied, match="authentication failure") as caught:
            await first(streams.account_events(), AccountEvent)
    assert "canary" not in repr(caught.value)


async def test_an_account_needs_a_key_of_the_present_generation_and_prices_need_none(place):
    legacy = place.open_streams(CoinbaseCredentials(SecretStr("canary"), SecretStr("canary"), KeyKind.LEGACY))
    async with legacy.session:
        assert await first(legacy.prices([BTC]), Quote)
        with pytest.raises(ConfigError, match="expected a CDP key for the stream of orders, found a legacy one"):
            legacy.account_events()


async def test_prices_of_what_is_no_spot_market_are_not_asked_for(place):
    with pytest.raises(DataError, match="BTC/USDC:USDC"):
        place.streams.prices(["BTC/USDC:USDC"])


async def test_both_streams_have_hosts_of_their_own_and_the_sandbox_has_none():
    streams = open_coinbase_streams(key(), "live", clock=SystemClock())
    assert streams.prices_url == "wss://advanced-trade-ws.coinbase.com"
    assert streams.orders_url == "wss://advanced-trade-ws-user.coinbase.com"
    await streams.close()
    with pytest.raises(ConfigError, match="'sandbox'"):
        open_coinbase_streams(key(), "sandbox", clock=SystemClock())


Talk = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def venue(talk: Talk) -> AsyncIterator[str]:
    async with serve(talk, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def said(number: int, channel: str = "heartbeats", *events: object) -> str:
    at = "2026-01-14T15:02:20.123456789Z"
    return json.dumps({"channel": channel, "timestamp": at, "sequence_num": number, "events": events})


def saying(*lines: str) -> Talk:
    async def talk(connection: ServerConnection) -> None:
        for line in lines:
            await connection.send(line)
        await connection.wait_closed()

    return talk


async def heard(url: str, count: int) -> list[int]:
    messages = Channels(url, TERMS).messages({"channel": "heartbeats"})
    async with asyncio.timeout(3):
        return [(await anext(messages)).sequence_num for _ in range(count)]


async def test_numbers_may_begin_anywhere_and_late_messages_are_passed_over():
    async with venue(saying(said(7), said(8), said(6), said(8), said(9))) as url:
        assert await heard(url, 3) == [7, 8, 9]


async def test_a_number_that_is_left_out_is_a_gap():
    async with venue(saying(said(0), said(2))) as url:
        with pytest.raises(StreamGap, match="expected message 1 after 0, found 2"):
            await heard(url, 2)


async def test_an_answered_ping_does_not_hide_that_the_channels_are_silent():
    async with venue(saying()) as url:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(Channels(url, TERMS).messages({"channel": "ticker"}))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("authentication failure", AccessDenied),
        ("Missing required scopes: permission denied", AccessDenied),
        ("rate limit exceeded", RateLimited),
        ("no such channel", VenueError),
    ],
)
async def test_what_the_venue_complains_of_is_the_error_that_it_means(words, error):
    async with venue(saying(json.dumps({"type": "error", "message": words}))) as url:
        with pytest.raises(VenueError, match=words) as caught:
            await heard(url, 1)
    assert caught.type is error


async def test_a_token_that_the_venue_repeats_is_not_told():
    async def talk(connection: ServerConnection) -> None:
        wish = json.loads(await connection.recv())
        await connection.send(json.dumps({"type": "error", "message": f"jwt {wish['jwt']} has expired"}))
        await connection.wait_closed()

    async with venue(talk) as url:
        with pytest.raises(AccessDenied) as caught:
            await anext(Channels(url, TERMS, lambda: "canary.token").messages({"channel": "user"}))
    assert caught.value.message == "jwt … has expired"


@pytest.mark.parametrize("line", ['["a list"]', '{"channel":"ticker"}', '{"type":7}'])
async def test_what_is_no_message_cannot_be_understood(line):
    async with venue(saying(line)) as url:
        with pytest.raises(VenueUnavailable, match="UNREADABLE"):
            await heard(url, 1)


async def test_each_subscription_has_a_fresh_token_that_is_bound_to_no_request(place):
    wishes: list[dict] = []

    async def talk(connection: ServerConnection) -> None:
        async for text in connection:
            wishes.append(json.loads(text))
            if len(wishes) == 2:
                await connection.send(said(0))

    async with venue(talk) as url:
        streams = CoinbaseStreams(key(), url, url, place.streams.session, ClockSkew(SystemClock()))
        await first(streams.account_events(), Heartbeat)
    assert [(wish["type"], wish["channel"]) for wish in wishes] == [("subscribe", "user"), ("subscribe", "heartbeats")]
    tokens = [wish["jwt"] for wish in wishes]
    assert tokens[0] != tokens[1]
    for claims in (json.loads(base64.urlsafe_b64decode(one.split(".")[1] + "==")) for one in tokens):
        assert set(claims) == {"sub", "iss", "nbf", "exp"}
        assert datetime.fromtimestamp(claims["nbf"], UTC) == START


async def test_a_product_that_is_an_alias_is_told_under_the_name_of_the_other():
    products = [{"product_id": "BTC-USDC", "alias": "BTC-USD", "status": "online"}]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"products": products}))
    tickers = [{"product_id": "BTC-USD", "best_bid": "60000.10", "best_ask": "60000.20"}]
    tickers.append({"product_id": "BTC-USD", "best_bid": "", "best_ask": "60000.20"})
    tickers.append({"product_id": "SOL-USD", "best_bid": "1", "best_ask": "2"})
    async with (
        venue(saying(said(0, "ticker", {"type": "snapshot", "tickers": tickers}), said(1))) as url,
        VenueSession("coinbase", "http://venue", errors=read_error, transport=transport) as session,
    ):
        known = ProductList(session, SystemClock())
        source = CoinbasePriceStream(Channels(url, TERMS), known, ["BTC/USDC"], SystemClock())
        told = await first(source, Quote | Heartbeat, 2)
    at = datetime(2026, 1, 14, 15, 2, 20, 123456, tzinfo=UTC)
    assert told == [Quote("BTC/USDC", Decimal("60000.10"), Decimal("60000.20"), at), Heartbeat(at)]


async def test_without_the_venues_time_no_token_is_made(place):
    await place.fault("status", place="before", path="/time", status=403)
    with pytest.raises(VenueError, match="the venue's time"):
        await first(place.streams.account_events(), Heartbeat)
