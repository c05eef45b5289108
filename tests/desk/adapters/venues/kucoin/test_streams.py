"""KuCoin's streams over the simulator: prices and accounts of both markets, kept open through what can go wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from desk.adapters.clocks import FixedClock, SystemClock
from desk.adapters.streams.events import AccountEvent, AccountEventKind, Heartbeat
from desk.adapters.streams.supervised import SupervisedStream
from desk.adapters.venue_http.session import Request
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.futures_market import FuturesMarket
from desk.adapters.venues.kucoin.opening import Connection, open_futures_market, open_spot_market
from desk.adapters.venues.kucoin.spot_market import SpotMarket
from desk.adapters.venues.kucoin.stream_wire import SpotPrice
from desk.adapters.venues.kucoin.streams import (
    STATES_KEPT,
    KucoinStreams,
    Listing,
    MarketTopics,
    open_kucoin_futures_streams,
    open_kucoin_spot_streams,
)
from desk.errors import AccessDenied, RateLimited, VenueError, VenueUnavailable
from desk.model.books import Quote
from simulator.server import Addresses, Plan, simulated
from tests.desk.adapters.streams.fakes import AT_ONCE, Memory
from tests.simulator.kucoin_customer import BTC, HF, XBT, contract, credentials, market

ETH = "ETH/USDT"
START = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)
QUIET = timedelta(milliseconds=400)
NEVER = timedelta(seconds=30)
OFTEN = timedelta(milliseconds=30)
ORDER, FILL, MONEY, POSITION, OTHER = (
    AccountEventKind.ORDER,
    AccountEventKind.FILL,
    AccountEventKind.MONEY,
    AccountEventKind.POSITION,
    AccountEventKind.OTHER,
)


class Wound:
    """A clock that is wound by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def shown_at(self, wall: datetime) -> datetime:
        return wall


class Counting(httpx.AsyncBaseTransport):
    """The network, and which paths were asked for."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Place:
    """One market of a simulated KuCoin as the test steers it."""

    def __init__(self, admin: str, address: str, *, is_futures: bool) -> None:
        self.admin = httpx.AsyncClient(base_url=admin)
        self.clock = Wound()
        self.network = Counting()
        self.connection = Connection(self.clock, "simulator", address, transport=self.network)
        self._is_futures = is_futures
        opened = open_futures_market(self.connection) if is_futures else open_spot_market(self.connection)
        self.market: SpotMarket | FuturesMarket = opened[0]
        self.streams = self.open_streams(credentials())

    def open_streams(self, key: KucoinCredentials) -> KucoinStreams:
        if self._is_futures:
            return open_kucoin_futures_streams(key, self.connection, self.market, ping_every=OFTEN)
        return open_kucoin_spot_streams(key, self.connection, self.market, ping_every=OFTEN)

    async def fault(self, kind: str, *, place: str = "stream", path: str = "/endpoint", **more: object) -> None:
        form = [{"place": place, "kind": kind, "path": path, **more}]
        (await self.admin.post("/faults", json=form)).raise_for_status()

    async def price(self, bid: str, ask: str, instrument: str = BTC) -> None:
        form = {"instrument": instrument, "bid": bid, "ask": ask}
        (await self.admin.post("/prices", json=form)).raise_for_status()

    async def halt(self, instrument: str = BTC) -> None:
        (await self.admin.post("/halts", json={"instrument": instrument})).raise_for_status()

    async def order(self, path: str, form: dict) -> None:
        answer = await self.streams.signed.write(Request("POST", path, "order", json=form))
        assert answer["code"] == "200000", answer

    async def close(self) -> None:
        await self.admin.aclose()
        await self.streams.close()


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(["kucoin", "kucoin_futures"], start=START, speed=0)) as running:
        yield running


@pytest.fixture
async def spot(addresses) -> AsyncIterator[Place]:
    place = Place(addresses.admin, addresses.venues["kucoin"], is_futures=False)
    (await place.admin.post("/reset")).raise_for_status()
    yield place
    await place.close()


@pytest.fixture
async def futures(addresses) -> AsyncIterator[Place]:
    place = Place(addresses.admin, addresses.venues["kucoin_futures"], is_futures=True)
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


async def test_a_connection_begins_with_every_price_as_rest_tells_it(spot):
    told = await first(spot.streams.prices([BTC, ETH, "NO/SUCH"]), Quote, 2)
    asked = await spot.market.quotes([BTC, ETH], at=START)
    prices = {quote.instrument: (quote.bid, quote.ask, quote.tradable) for quote in told}
    assert prices == {name: (quote.bid, quote.ask, quote.tradable) for name, quote in asked.items()}


async def test_the_futures_market_tells_its_prices_under_our_names(futures):
    await futures.price("60000", "60000.5", XBT)
    assert await first(futures.streams.prices([XBT]), Quote) == [Quote(XBT, Decimal(60000), Decimal("60000.5"), START)]


async def test_what_the_venue_does_not_have_is_not_subscribed_to(spot, futures):
    assert (await spot.streams.market.listing([BTC, "NO/SUCH"])).names == {"BTC-USDT": BTC}
    assert (await futures.streams.market.listing([XBT, "NO/SUCH:USDT"])).names == {"XBTUSDTM": XBT}


async def test_a_price_that_changes_is_told_and_others_are_not(spot, memory):
    async with kept_open(spot.streams.prices([BTC]), memory):
        await memory.when(lambda: len(of_kind(memory, Quote)) == 1)
        await spot.price("2000", "2001", ETH)
        await spot.price("61000", "61000.5")
        await memory.when(lambda: len(of_kind(memory, Quote)) == 2)
    assert of_kind(memory, Quote)[1] == Quote(BTC, Decimal(61000), Decimal("61000.5"), START)


async def test_whether_orders_are_taken_is_asked_beside_the_prices_and_again_after_a_while(spot, memory):
    async with kept_open(spot.streams.prices([BTC]), memory):
        await memory.when(lambda: len(of_kind(memory, Quote)) == 1)
        await spot.halt()
        await spot.price("61000", "61001")
        await memory.when(lambda: len(of_kind(memory, Quote)) == 2)
        spot.clock.ahead = STATES_KEPT
        await spot.price("62000", "62001")
        await memory.when(lambda: len(of_kind(memory, Quote)) == 3)
    assert [quote.tradable for quote in of_kind(memory, Quote)] == [True, True, False]


async def test_what_happens_to_a_spot_account_is_told_with_the_order_that_it_is_about(spot, memory):
    async with kept_open(spot.streams.account_events(), memory):
        await memory.when(lambda: states(memory) == ["live"])
        await spot.order(HF, market(clientOid="sd-1"))
        await memory.when(lambda: len(of_kind(memory, AccountEvent)) == 5)
    told = of_kind(memory, AccountEvent)
    about = [(event.kind, event.client_order_id) for event in told if event.kind is not MONEY]
    assert about == [(ORDER, "sd-1"), (FILL, "sd-1"), (ORDER, "sd-1")]
    assert [event.kind for event in told].count(MONEY) == 2
    assert {event.at for event in told} == {START}
    assert len({event.venue_order_id for event in told if event.kind is not MONEY}) == 1


async def test_what_happens_to_a_futures_account_is_told(futures, memory):
    await futures.price("60000", "60000.1", XBT)
    async with kept_open(futures.streams.account_events(), memory):
        await memory.when(lambda: [event.kind for event in of_kind(memory, AccountEvent)] == [MONEY])
        await futures.order("/api/v1/orders", contract("sd-2", leverage=3))
        await memory.when(lambda: len(of_kind(memory, AccountEvent)) >= 6)
    told = of_kind(memory, AccountEvent)
    about = [event.kind for event in told if event.client_order_id == "sd-2"]
    assert about == [ORDER, FILL, ORDER]
    assert {event.kind for event in told} == {ORDER, FILL, POSITION, MONEY}
    assert {event.at for event in told} == {START}


async def test_answered_pings_are_heartbeats_of_both_streams(spot):
    for source in (spot.streams.prices([BTC]), spot.streams.account_events()):
        beats = await first(source, Heartbeat, 4)
        assert timedelta(0) <= SystemClock().now() - beats[-1].at < timedelta(seconds=1)


@pytest.mark.parametrize("kind", ["reset", "close", "garble"])
async def test_a_stream_that_breaks_in_the_middle_is_opened_again_with_a_new_token(spot, memory, kind):
    async with kept_open(spot.streams.account_events(), memory):
        await memory.when(lambda: states(memory) == ["live"])
        await spot.fault(kind)
        await memory.when(lambda: states(memory) == ["live", "broken", "live"])
    assert memory.log.count("missed") == 2
    assert spot.network.paths.count("/api/v1/bullet-private") == 2


async def test_a_silent_stream_is_found_out_and_opened_again(spot, memory):
    async with kept_open(spot.streams.prices([BTC]), memory, quiet_after=QUIET):
        await memory.when(lambda: states(memory)[-1:] == ["live"])
        await spot.fault("silence")
        await memory.when(lambda: states(memory)[-2:] == ["quiet", "live"])
    assert "nothing came for 0.4 s" in [status.reason for status in memory.statuses]


async def test_a_subscription_that_is_not_acknowledged_is_found_out(spot, memory):
    await spot.fault("drop", skip=1)  # the welcome comes before
    async with kept_open(spot.streams.account_events(), memory):
        await memory.when(lambda: states(memory) == ["broken", "live"])
    assert "NOT_SUBSCRIBED" in memory.statuses[0].reason
    assert "/spotMarket/tradeOrdersV2" in memory.statuses[0].reason


async def test_a_connection_that_is_not_welcomed_is_quiet_though_pings_are_answered(spot, memory):
    await spot.fault("drop")
    async with kept_open(spot.streams.account_events(), memory, quiet_after=QUIET):
        await memory.when(lambda: states(memory) == ["quiet", "live"])


async def test_no_token_is_given_for_a_wrong_key(spot):
    streams = spot.open_streams(credentials(secret="canary"))
    with pytest.raises(AccessDenied, match="token of the stream of the account") as caught:
        await first(streams.account_events(), AccountEvent)
    assert "canary" not in repr(caught.value)
    await streams.close()


async def test_a_topic_that_the_venue_does_not_have_is_an_error_in_its_words(spot):
    async def listing(_: Sequence[str]) -> Listing:
        return Listing({"BTC-USDT": BTC}, frozenset())

    weather = MarketTopics("/market/weather:", SpotPrice, listing, ())
    streams = KucoinStreams(weather, spot.streams.public, spot.streams.signed, spot.clock)
    with pytest.raises(VenueError, match="topic /market/weather:BTC-USDT is not found"):
        await first(streams.prices([BTC]), Quote)


Talk = Callable[[ServerConnection], Awaitable[None]]


class Written:
    """A KuCoin whose stream says what is written; it acknowledges what it is asked for."""

    def __init__(self, *messages: dict) -> None:
        self._messages = messages
        self.wishes: list[dict] = []
        self.url = ""

    async def talk(self, connection: ServerConnection) -> None:
        await connection.send('{"id":"c","type":"welcome"}')
        for message in self._messages:
            await connection.send(json.dumps({"type": "message", **message}))
        async for text in connection:
            wish = json.loads(text)
            self.wishes.append(wish)
            kind = {"subscribe": "ack", "ping": "pong"}[wish["type"]]
            await connection.send(json.dumps({"id": wish["id"], "type": kind}))

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/timestamp":
            return httpx.Response(200, json={"code": "200000", "data": 1768402940000})
        servers = [{"endpoint": self.url, "pingInterval": 18000, "pingTimeout": 10000}]
        return httpx.Response(200, json={"code": "200000", "data": {"token": "canary==", "instanceServers": servers}})


@asynccontextmanager
async def written(venue: Written, talk: Talk | None = None, listed: Sequence[str] = ("BTC-USDT",)):
    async def listing(_: Sequence[str]) -> Listing:
        return Listing({symbol: symbol.replace("-", "/") for symbol in listed}, frozenset({BTC}))

    async with serve(talk or venue.talk, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
        venue.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        connection = Connection(FixedClock(START), transport=httpx.MockTransport(venue.answer))
        topics = MarketTopics("/market/ticker:", SpotPrice, listing, ("/account/balance",))
        sessions = connection.session("http://venue"), connection.session("http://venue")
        yield KucoinStreams(topics, *sessions, FixedClock(START), OFTEN)


async def test_many_symbols_are_subscribed_to_a_hundred_at_a_time():
    venue = Written()
    symbols = [f"C{number}-USDT" for number in range(150)]
    async with written(venue, listed=symbols) as streams:
        await first(streams.prices(symbols), Heartbeat)
    asked = [wish["topic"].removeprefix("/market/ticker:").split(",") for wish in venue.wishes if "topic" in wish]
    assert [len(some) for some in asked] == [100, 50]
    assert [symbol for some in asked for symbol in some] == symbols


async def test_only_an_account_is_subscribed_to_privately():
    venue = Written()
    async with written(venue) as streams:
        await first(streams.prices([BTC]), Heartbeat)
        await first(streams.account_events(), Heartbeat)
    told = [(wish["topic"], wish["privateChannel"]) for wish in venue.wishes if wish["type"] == "subscribe"]
    assert told == [("/market/ticker:BTC-USDT", False), ("/account/balance", True)]


async def test_a_price_without_two_sides_is_no_quote():
    topic = "/market/ticker:BTC-USDT"
    prices = [("", "60000.2"), (None, "60000.2"), ("60000.1", "60000.2")]
    said = [{"topic": topic, "data": {"bestBid": bid, "bestAsk": ask, "time": 1768402940123}} for bid, ask in prices]
    async with written(Written(*said)) as streams:
        told = await first(streams.prices([BTC]), Quote)
    at = datetime(2026, 1, 14, 15, 2, 20, 123000, tzinfo=UTC)
    assert told == [Quote(BTC, Decimal("60000.1"), Decimal("60000.2"), at)]


async def test_a_position_that_is_only_valued_anew_is_no_news_and_what_is_not_known_is():
    said = [
        {"topic": "/contract/position:XBTUSDTM", "data": {"changeReason": "markPriceChange", "markPrice": 1}},
        {"topic": "/contract/position:XBTUSDTM", "data": {"fundingRate": 0.0001}},
        {"topic": "/account/balance", "data": {"time": "1768402940000"}},
        {"topic": "/account/weather", "data": {"ts": 1768402940000000000}},
    ]
    async with written(Written(*said)) as streams:
        told = await first(streams.account_events(), object, 4)
    assert told == [
        Heartbeat(START),
        AccountEvent(POSITION, START),
        AccountEvent(MONEY, START),
        AccountEvent(OTHER, START),
    ]


@pytest.mark.parametrize(
    ("code", "error"), [(401, AccessDenied), (403, AccessDenied), (509, RateLimited), (404, VenueError)]
)
async def test_a_refusal_is_the_error_that_its_code_means_and_the_token_is_not_told(code, error):
    async def talk(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"type": "error", "code": code, "data": "canary== is no good"}))
        await connection.wait_closed()

    async with written(Written(), talk) as streams:
        with pytest.raises(VenueError) as caught:
            await first(streams.account_events(), AccountEvent)
    assert caught.type is error
    assert (caught.value.code, caught.value.message) == (str(code), "… is no good")


@pytest.mark.parametrize("said", ['["a list"]', '{"type":"message","topic":"/account/balance","data":{"time":"x"}}'])
async def test_what_is_no_message_cannot_be_understood(said):
    async with written(Written(), lambda connection: connection.send(said)) as streams:
        with pytest.raises(VenueUnavailable, match="UNREADABLE"):
            await first(streams.account_events(), AccountEvent)


async def test_a_ping_from_before_the_subscription_proves_nothing():
    async def talk(connection: ServerConnection) -> None:
        ping = json.loads(await connection.recv())
        await connection.send('{"id":"c","type":"welcome"}')
        await connection.recv()
        await connection.send(json.dumps({"id": ping["id"], "type": "pong"}))
        await connection.send('{"id":"1","type":"ack"}')
        await connection.wait_closed()

    async with written(Written(), talk) as streams:
        assert await first(streams.account_events(), Heartbeat)
