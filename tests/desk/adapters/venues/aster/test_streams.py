"""Aster's streams: over the simulator, and over a WebSocket that says what the documentation shows."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr
from websockets.asyncio.server import serve

from desk.adapters.clocks import SystemClock
from desk.adapters.streams.events import AccountEvent, AccountEventKind, Heartbeat
from desk.adapters.streams.quotes import StreamedQuotes
from desk.adapters.streams.supervised import StreamState, SupervisedStream
from desk.adapters.venues.aster.credentials import HmacCredentials
from desk.adapters.venues.aster.open import HOSTS
from desk.adapters.venues.aster.streams import MOST_STREAMS, QUIET_AFTER, open_aster_streams
from desk.errors import ConfigError, VenueError, VenueUnavailable
from desk.model.books import Quote
from tests.desk.adapters.streams.fakes import AT_ONCE, Memory
from tests.desk.adapters.venues.aster.fakes import BTC, ETH, KEY, NOW, NOW_MS, Aster, error, intent
from tests.desk.adapters.venues.aster.simulated import KEY as SIMULATED_KEY
from tests.desk.adapters.venues.aster.simulated import PINGS, START, WALLET

QUIET = timedelta(milliseconds=600)
NEVER = timedelta(seconds=30)


@pytest.fixture
def memory() -> Memory:
    return Memory()


def kept_open(source, *listeners, quiet_after: timedelta = NEVER) -> SupervisedStream:
    return SupervisedStream(
        "stream of one", source, listeners, clock=SystemClock(), quiet_after=quiet_after, backoff=AT_ONCE
    )


def of(kind: type, memory: Memory) -> list:
    return [event for event in memory.log if isinstance(event, kind)]


def states(memory: Memory) -> list[str]:
    return [status.state.value for status in memory.statuses]


async def test_a_connection_begins_with_every_price_as_rest_tells_it(place, memory):
    async with kept_open(place.streams().prices([BTC, ETH]), memory):
        await memory.when(lambda: len(of(Quote, memory)) == 2)
    told = {quote.instrument: quote for quote in of(Quote, memory)}
    assert told == await place.venue.market.quotes([BTC, ETH], at=START)


async def test_a_price_that_changes_is_told_and_one_that_stays_is_not(place, memory):
    async with kept_open(place.streams().prices([BTC]), memory):
        await memory.when(lambda: len(of(Quote, memory)) == 1)
        await place.price("61000.1", "61000.2")
        await memory.when(lambda: len(of(Quote, memory)) == 2)
        await asyncio.sleep(0.1)
    assert of(Quote, memory)[1:] == [Quote(BTC, Decimal("61000.1"), Decimal("61000.2"), START)]


async def test_a_stream_without_news_lives_on_its_pings(place, memory):
    async with kept_open(place.streams().account_events(), memory, quiet_after=QUIET) as stream:
        await asyncio.sleep(2 * QUIET.total_seconds())
        assert stream.status.state is StreamState.LIVE
    assert of(Heartbeat, memory)
    assert timedelta(seconds=10) < QUIET_AFTER


async def test_a_perpetual_that_is_settled_cannot_be_traded(place, memory):
    venue = Aster()
    streams = place.streams(transport=httpx.MockTransport(venue.handle), clock=venue.clock)
    async with kept_open(streams.prices([BTC, ETH]), memory):
        await memory.when(lambda: len(of(Quote, memory)) == 2)
    assert {quote.instrument: quote.tradable for quote in of(Quote, memory)} == {BTC: True, ETH: False}
    assert len(venue.asked("exchangeInfo")) == 1


async def test_a_connection_that_breaks_is_made_again_and_rest_is_asked_meanwhile(place, memory):
    spoken: list[str] = []
    feed = StreamedQuotes(place.venue.market, say=spoken.append)
    async with kept_open(place.streams().prices([BTC]), feed, memory):
        await memory.when(lambda: len(of(Quote, memory)) == 1)
        await place.fault("reset")
        await place.price("61000", "61001")
        await memory.when(lambda: len(of(Quote, memory)) == 2)
        assert (await feed.quotes([BTC], at=START))[BTC].bid == Decimal(61_000)
    assert states(memory) == ["live", "broken", "live", "closed"]
    assert [line.rsplit(": ")[-1] for line in spoken] == [
        "quotes come from it",
        "quotes are asked for",
        "quotes come from it",
    ]


@pytest.mark.parametrize("credentials", [SIMULATED_KEY, WALLET], ids=["key", "wallet"])
async def test_what_happens_to_an_account_is_told_with_our_name_of_the_order(place, memory, credentials):
    async with kept_open(place.streams(credentials).account_events(), memory):
        await memory.until(2)
        order = await place.venue.trading.submit(intent("sd-7"))
        await memory.when(lambda: len(of(AccountEvent, memory)) == 3)
    created, changed, filled = of(AccountEvent, memory)
    assert created == AccountEvent(AccountEventKind.ORDER, START, "sd-7", order.venue_order_id)
    assert changed == AccountEvent(AccountEventKind.POSITION, START)
    assert filled == AccountEvent(AccountEventKind.FILL, START, "sd-7", order.venue_order_id)


async def test_a_stop_that_is_hit_is_heard_of(place, memory):
    await place.venue.trading.submit(intent("sd-7"))
    await place.say("/prices", instrument=BTC, bid="95000", ask="95001")
    await place.venue.trading.protect(intent("sd-7"), Decimal("0.010"))
    async with kept_open(place.streams().account_events(), memory):
        await memory.until(2)
        await place.price("90000", "90001")
        await memory.when(lambda: AccountEventKind.FILL in kinds(memory))
    assert [event.client_order_id for event in of(AccountEvent, memory) if event.kind == "fill"] == ["sd-7-s"]


async def test_a_key_that_expires_ends_the_connection_and_the_next_has_another(place, memory):
    async with kept_open(place.streams().account_events(), memory) as stream:
        await memory.until(2)
        await place.say("/clock", advance=3_600)
        await memory.when(lambda: len(states(memory)) >= 2)
        await memory.when(lambda: stream.status.state is StreamState.LIVE)
        await place.venue.trading.account()
        await place.venue.trading.submit(intent("sd-7"))
        await memory.when(lambda: AccountEventKind.FILL in kinds(memory))
    assert "LISTEN_KEY_EXPIRED" in memory.statuses[1].reason


async def test_nothing_of_a_secret_is_in_what_is_said_of_a_stream(place, memory):
    wrong = HmacCredentials(api_key=SIMULATED_KEY.api_key, api_secret=SecretStr("canary-secret"))
    async with kept_open(place.streams(wrong).account_events(), memory):
        await memory.when(lambda: states(memory) == ["broken"])
    assert "-1022" in memory.statuses[0].reason
    assert "canary" not in str(memory.statuses[0])


@pytest.mark.parametrize("instruments", [[], ["BTC/USDT"], [f"A{n}/USDT:USDT" for n in range(MOST_STREAMS + 1)]])
async def test_a_connection_has_one_to_two_hundred_perpetuals(place, instruments):
    with pytest.raises(ConfigError, match="expected 1 to 200 perpetuals"):
        place.streams().prices(instruments)


def test_streams_have_hosts_of_their_own():
    assert {host.stream_url for host in HOSTS.values()} == {
        "wss://fstream.asterdex.com",
        "wss://fstream.asterdex-testnet.com",
    }


class Written:
    """A WebSocket that says what is written, and a venue that gives the key `canary` for it.

    Attributes:
        opened: the paths of its connections.
    """

    def __init__(self, url: str, opened: list[str], **endpoints: list) -> None:
        self.venue = Aster(**{"listenKey": [{"listenKey": "canary"}], **endpoints})
        self.opened = opened
        transport = httpx.MockTransport(self.venue.handle)
        options = {"clock": self.venue.clock, "transport": transport, "base_url": url, "ping_every": PINGS}
        self.streams = open_aster_streams(KEY, "simulator", **options)

    def methods(self) -> list[str]:
        return [one.method for one in self.venue.requests if one.url.path == "/fapi/v1/listenKey"]


@asynccontextmanager
async def written(*said: object, **endpoints: list) -> AsyncIterator[Written]:
    opened: list[str] = []

    async def talk(connection) -> None:
        opened.append(connection.request.path)
        for message in said:
            await connection.send(json.dumps(message))
        await connection.wait_closed()

    async with serve(talk, "127.0.0.1", 0, ping_interval=None) as server:
        yield Written(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", opened, **endpoints)


async def heard(source, count: int) -> list:
    """Return the first events of a connection, and close it."""
    messages, found = source.messages(), []
    try:
        async with asyncio.timeout(3):
            while len(found) < count:
                found.append(await anext(messages))
    finally:
        await messages.aclose()
    return found


def news(kind: str, **more: object) -> dict:
    return {"e": kind, "E": NOW_MS, "T": NOW_MS - 1, **more}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (news("ORDER_TRADE_UPDATE", o={"s": "BTCUSDT", "c": "sd-1", "i": 8886774, "x": "NEW"}), "order"),
        (news("ORDER_TRADE_UPDATE", o={"s": "BTCUSDT", "c": "sd-1", "i": 8886774, "x": "TRADE"}), "fill"),
        (news("ACCOUNT_UPDATE", a={"m": "ORDER", "B": [], "P": [{"s": "BTCUSDT", "pa": "0.1"}]}), "position"),
        (news("ACCOUNT_UPDATE", a={"m": "DEPOSIT", "B": [{"a": "USDT", "wb": "12"}], "P": []}), "money"),
        (news("MARGIN_CALL", cw="3.1", p=[]), "money"),
        (news("ACCOUNT_CONFIG_UPDATE", ac={"s": "BTCUSDT", "l": 25}), "other"),
        (news("a word of next year", o="?"), "other"),
    ],
)
async def test_news_are_understood_by_what_they_are_about(said, kind):
    async with written(said) as place:
        _, event = await heard(place.streams.account_events(), 2)
    names = ("sd-1", "8886774") if "o" in said and kind != "other" else ("", "")
    assert event == AccountEvent(AccountEventKind(kind), NOW, *names)


@pytest.mark.parametrize("said", [["?"], news("ORDER_TRADE_UPDATE"), {"e": "ACCOUNT_UPDATE"}])
async def test_what_cannot_be_understood_ends_the_connection(said):
    async with written(said) as place:
        with pytest.raises(VenueUnavailable, match="UNREADABLE"):
            await heard(place.streams.account_events(), 2)


async def test_a_connection_is_opened_with_its_key_which_is_given_up_with_it():
    async with written() as place:
        await heard(place.streams.account_events(), 1)
    assert place.opened == ["/ws/canary"]
    assert place.methods() == ["POST", "DELETE"]


async def test_a_key_is_asked_for_again_every_half_hour():
    async with written() as place:
        messages = place.streams.account_events().messages()
        await anext(messages)
        for minutes, asked in ((29, 0), (2, 1), (28, 1), (3, 2)):
            place.venue.clock.at += timedelta(minutes=minutes)
            for _ in range(3):
                await anext(messages)
            assert place.methods().count("PUT") == asked
        await messages.aclose()


async def test_a_key_that_cannot_be_kept_ends_the_connection():
    async with written() as place:
        place.venue.on("PUT listenKey", error(-1125, "This listenKey does not exist."))
        messages = place.streams.account_events().messages()
        await anext(messages)
        place.venue.clock.at += timedelta(minutes=31)
        with pytest.raises(VenueError, match="-1125"):
            await heard(Continued(messages), 5)


async def test_a_key_that_cannot_be_given_up_is_left_with_a_warning(caplog):
    async with written() as place:
        place.venue.on("DELETE listenKey", httpx.ReadTimeout("slow"))
        with caplog.at_level(logging.WARNING, logger="scandesk"):
            assert len(await heard(place.streams.account_events(), 1)) == 1
    [record] = [record for record in caplog.records if record.name == "scandesk.aster"]
    assert "could not be given up" in record.message
    assert "canary" not in record.message


async def test_prices_that_are_none_are_left_out():
    def price(symbol: str, bid: str, ask: str) -> dict:
        return {"stream": "x", "data": news("bookTicker", s=symbol, b=bid, a=ask, u=1)}

    said = [
        price("BTCUSDT", "0", "1"),
        price("BTCUSDT", "2", "1"),
        price("XUSDT", "1", "2"),
        price("BTCUSDT", "1", "2"),
    ]
    async with written(*said) as place:
        _, quote = await heard(place.streams.prices([BTC]), 2)
    assert quote == Quote(BTC, Decimal(1), Decimal(2), NOW)
    assert place.opened == ["/stream?streams=btcusdt@bookTicker"]


def kinds(memory: Memory) -> list[AccountEventKind]:
    return [event.kind for event in of(AccountEvent, memory)]


class Continued:
    """A source whose connection was begun already."""

    def __init__(self, begun) -> None:
        self._begun = begun

    def messages(self):
        return self._begun
