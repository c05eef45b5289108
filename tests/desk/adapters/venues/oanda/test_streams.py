"""OANDA's streams over the simulator: prices and transactions, kept open through everything that can go wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr

from desk.adapters.clocks import SystemClock
from desk.adapters.streams.backoff import Backoff
from desk.adapters.streams.events import AccountEvent, AccountEventKind, Heartbeat
from desk.adapters.streams.quotes import StreamedQuotes
from desk.adapters.streams.supervised import StreamState, SupervisedStream
from desk.adapters.streams.watch import AccountWatch
from desk.adapters.venues.oanda.open import LIVE, PRACTICE, OandaCredentials, OandaVenue, open_oanda, simulator
from desk.adapters.venues.oanda.streams import (
    OandaPriceStream,
    OandaStreams,
    OandaTransactionStream,
    open_oanda_streams,
)
from desk.errors import AccessDenied, InvalidOrder, RateLimited, VenueUnavailable
from desk.model.books import Quote
from simulator.dialects import oanda
from simulator.dialects.oanda.paths import serve
from simulator.dialects.oanda.streaming import Pace
from simulator.server import Plan, serving
from tests.desk.adapters.streams.fakes import AT_ONCE, Memory
from tests.desk.adapters.venues.oanda.fake import recorded
from tests.simulator.oanda_customer import ACCOUNT, TOKEN

EURO, YEN = "EUR/USD", "USD/JPY"
START = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)
QUIET = timedelta(milliseconds=600)
NEVER = timedelta(seconds=30)
PACE = Pace(heartbeat=0.05, look=0.01)


class Quick:
    """OANDA's dialect with a fast heart."""

    VENUE = oanda.VENUE
    serve = staticmethod(lambda exchange: serve(exchange, PACE))
    failure = staticmethod(oanda.failure)


class Place:
    """A simulated OANDA in the loop of the test."""

    def __init__(self, admin: str, address: str, *, token: str = TOKEN) -> None:
        self.admin = httpx.AsyncClient(base_url=admin)
        self.environment = simulator(address)
        self.credentials = OandaCredentials(ACCOUNT, SecretStr(token))
        self.venue: OandaVenue = open_oanda(self.credentials, self.environment, clock=SystemClock())
        self.streams: OandaStreams = self.open_streams(token)

    def open_streams(self, token: str, *instruments: str) -> OandaStreams:
        credentials = OandaCredentials(ACCOUNT, SecretStr(token))
        return open_oanda_streams(credentials, self.environment, instruments or (EURO, YEN), clock=SystemClock())

    async def fault(self, kind: str, *, place: str = "stream", path: str = "/stream", **more: object) -> None:
        form = [{"place": place, "kind": kind, "path": path, **more}]
        (await self.admin.post("/faults", json=form)).raise_for_status()

    async def price(self, bid: str, ask: str, instrument: str = EURO) -> None:
        form = {"instrument": instrument, "bid": bid, "ask": ask}
        (await self.admin.post("/prices", json=form)).raise_for_status()

    async def buy(self, client_order_id: str = "sd-1") -> None:
        extensions = {"clientExtensions": {"id": client_order_id}}
        order = {"type": "MARKET", "instrument": "EUR_USD", "units": "100", **extensions}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=self.environment.base_url, headers=headers) as http:
            (await http.post(f"/v3/accounts/{ACCOUNT}/orders", json={"order": order})).raise_for_status()

    async def close(self) -> None:
        await self.admin.aclose()
        await self.venue.session.close()
        await self.streams.session.close()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with serving(Plan(start=START, speed=0), {"oanda": Quick}) as addresses:
        place = Place(addresses.admin, addresses.venues["oanda"])
        try:
            yield place
        finally:
            await place.close()


@pytest.fixture
def memory() -> Memory:
    return Memory()


def kept_open(source, *listeners, quiet_after: timedelta = NEVER, backoff: Backoff = AT_ONCE) -> SupervisedStream:
    return SupervisedStream(
        "stream of one", source, listeners, clock=SystemClock(), quiet_after=quiet_after, backoff=backoff
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


def states(memory: Memory) -> list[str]:
    return [status.state.value for status in memory.statuses]


async def test_a_connection_begins_with_every_price_as_rest_tells_it(place):
    told = await first(place.streams.prices, Quote, 2)
    assert {quote.instrument: quote for quote in told} == await place.venue.market.quotes([EURO, YEN], at=START)


async def test_a_price_that_changes_is_told_and_one_that_stays_is_not(place, memory):
    async with kept_open(place.streams.prices, memory):
        await memory.when(lambda: len(quotes_in(memory)) == 2)
        await place.price("1.23450", "1.23460")
        await memory.when(lambda: len(quotes_in(memory)) == 3)
        await asyncio.sleep(0.1)
    assert quotes_in(memory)[2] == Quote(EURO, Decimal("1.23450"), Decimal("1.23460"), START)
    assert len(quotes_in(memory)) == 3


async def test_an_instrument_that_is_halted_cannot_be_traded(place, memory):
    async with kept_open(place.streams.prices, memory):
        await memory.when(lambda: len(quotes_in(memory)) == 2)
        (await place.admin.post("/halts", json={"instrument": EURO})).raise_for_status()
        await memory.when(lambda: len(quotes_in(memory)) == 3)
    assert not quotes_in(memory)[2].tradable


async def test_what_happens_to_the_account_is_told_with_the_order_that_it_is_about(place, memory):
    async with kept_open(place.streams.transactions, memory):
        await memory.until(3)
        await place.buy()
        await memory.when(lambda: len(news_in(memory)) == 2)
    assert [(event.kind, event.client_order_id, event.venue_order_id) for event in news_in(memory)] == [
        (AccountEventKind.ORDER, "sd-1", "2"),
        (AccountEventKind.FILL, "sd-1", "2"),
    ]


async def test_both_streams_have_heartbeats(place):
    for source in (place.streams.prices, place.streams.transactions):
        assert await first(source, Heartbeat, 3) == [Heartbeat(START)] * 3


@pytest.mark.parametrize("kind", ["reset", "close", "garble"])
async def test_a_stream_that_breaks_in_the_middle_is_opened_again(place, memory, kind):
    await place.fault(kind, skip=3)
    async with kept_open(place.streams.prices, memory):
        await memory.when(lambda: states(memory) == ["live", "broken", "live"])
    assert memory.log.count("missed") == 2


async def test_a_stream_that_cannot_be_opened_is_tried_again_and_that_is_said_once(place, memory):
    await place.fault("status", place="before", status=503, times=5)
    async with kept_open(place.streams.prices, memory):
        await memory.when(lambda: states(memory) == ["broken", "live"])


async def test_a_silent_stream_is_found_out_and_opened_again(place, memory):
    await place.fault("silence", skip=3)
    async with kept_open(place.streams.transactions, memory, quiet_after=QUIET):
        await memory.when(lambda: states(memory) == ["live", "quiet", "live"])
    assert memory.statuses[1].reason == "nothing came for 0.6 s"


async def test_a_transaction_that_was_left_out_is_found_out_by_what_comes_next(place, memory):
    async with kept_open(place.streams.transactions, memory):
        await memory.until(3)
        await place.fault("drop", times=0)
        await place.buy()
        await place.admin.delete("/faults")
        await memory.when(lambda: states(memory) == ["live", "broken", "live"])
    assert memory.log.count("missed") == 3
    assert "expected transaction 2 after 1, found 3" in memory.statuses[1].reason


async def test_the_last_transaction_is_missed_at_the_next_heartbeat():
    lines = ['{"type":"HEARTBEAT","time":"2026-01-14T15:00:00Z","lastTransactionID":"7"}']
    lines.append('{"type":"HEARTBEAT","time":"2026-01-14T15:00:05Z","lastTransactionID":"8"}')
    with pytest.raises(VenueUnavailable, match="expected transaction 8 after 7, found 8"):
        await told_of(lines)


async def test_transactions_of_any_type_are_told_and_repetitions_are_not():
    lines = [
        '{"type":"MARKET_ORDER","id":"5","time":"2026-01-14T15:00:00Z","clientExtensions":{"id":"sd-1"}}',
        '{"type":"MARKET_ORDER","id":"5","time":"2026-01-14T15:00:00Z","clientExtensions":{"id":"sd-1"}}',
        '{"type":"LIMIT_ORDER_REJECT","id":"6","time":"2026-01-14T15:00:00Z","clientExtensions":{"id":"sd-2"}}',
        '{"type":"DAILY_FINANCING","id":"7","time":"2026-01-14T15:00:00Z","financing":"-0.1"}',
        '{"type":"SOMETHING_NEW","id":"8","time":"2026-01-14T15:00:00Z","shape":[1,{"of":"any"}]}',
        '{"type":"ORDER_CANCEL","id":"9","time":"2026-01-14T15:00:00Z","orderID":"5","clientOrderID":"sd-1"}',
    ]
    told = await told_of(lines)
    assert [(event.kind.value, event.client_order_id, event.venue_order_id) for event in told] == [
        ("order", "sd-1", "5"),
        ("order", "sd-2", ""),
        ("money", "", ""),
        ("other", "", ""),
        ("order", "sd-1", "5"),
    ]


async def test_a_price_without_two_sides_is_no_quote_and_an_unknown_line_is_passed_over():
    lines = [
        '{"type":"PRICE","instrument":"EUR_USD","time":"2026-01-14T15:00:00Z","bids":[],"asks":[{"price":"1.1"}]}',
        '{"type":"WEATHER","time":"2026-01-14T15:00:00Z"}',
    ]
    assert await prices_of(lines) == []


async def test_half_a_line_cannot_be_understood_and_is_not_told_on():
    with pytest.raises(VenueUnavailable, match="UNREADABLE") as caught:
        await prices_of(['{"type":"PRICE","instrument":"EUR'])
    assert "EUR" not in str(caught.value)


async def test_wrong_credentials_are_told_as_such(place, memory):
    streams = place.open_streams("canary-token")
    async with streams.session, kept_open(streams.prices, memory, backoff=Backoff()):
        await memory.when(lambda: states(memory) == ["broken"])
        with pytest.raises(AccessDenied):
            await first(streams.prices, Quote)
    assert "Insufficient authorization" in memory.statuses[0].reason
    assert "canary" not in memory.statuses[0].reason


async def test_an_unknown_instrument_is_refused_in_the_venues_words(place):
    streams = place.open_streams(TOKEN, "ABC/DEF")
    async with streams.session:
        with pytest.raises(InvalidOrder, match="Invalid value specified for 'instruments'"):
            await first(streams.prices, Quote)


async def test_a_venue_that_asks_for_patience_is_heard(place):
    await place.fault("status", place="before", status=429, retry_after=3)
    with pytest.raises(RateLimited) as caught:
        await first(place.streams.prices, Quote)
    assert caught.value.retry_after == timedelta(seconds=3)


async def test_quotes_come_from_the_stream_and_over_rest_while_it_is_quiet_and_each_change_is_said_once(place, memory):
    spoken: list[str] = []
    asked = counting(place.venue.market)
    feed = StreamedQuotes(asked, say=spoken.append)
    async with kept_open(place.streams.prices, feed, memory, quiet_after=QUIET) as stream:
        await memory.when(lambda: len(quotes_in(memory)) == 2)
        await place.price("1.23450", "1.23460")
        await memory.when(lambda: len(quotes_in(memory)) == 3)
        assert (await feed.quotes([EURO], at=START))[EURO].bid == Decimal("1.23450")
        assert asked.count == 0
        await place.fault("silence", times=0)
        await memory.when(lambda: stream.status.state is StreamState.QUIET)
        await place.price("1.30000", "1.30010")
        for _ in range(3):
            assert (await feed.quotes([EURO], at=START))[EURO].bid == Decimal("1.30000")
        assert asked.count == 3
        await place.admin.delete("/faults")
        await memory.when(lambda: len(quotes_in(memory)) == 5)
        assert (await feed.quotes([EURO], at=START))[EURO].bid == Decimal("1.30000")
        assert asked.count == 3
    endings = [line.rsplit(": ")[-1] for line in spoken]
    assert endings == ["quotes come from it", "quotes are asked for", "quotes come from it"]


async def test_news_end_what_is_remembered_of_the_account(place, memory):
    spoken: list[str] = []
    watch = AccountWatch([place.venue.poll.forget], say=spoken.append)
    async with kept_open(place.streams.transactions, watch, memory):
        await memory.until(3)
        assert await place.venue.trading.positions() == ()
        await place.buy()
        await memory.when(lambda: len(news_in(memory)) == 2)
        assert [one.instrument for one in await place.venue.trading.positions()] == [EURO]
    assert len(spoken) == 1


async def test_a_quiet_price_stream_leaves_the_transactions_alone(place, memory):
    others = Memory()
    await place.fault("silence", path="/pricing/stream", times=0)
    prices = kept_open(place.streams.prices, memory, quiet_after=QUIET)
    async with prices, kept_open(place.streams.transactions, others, quiet_after=QUIET):
        await memory.when(lambda: states(memory) == ["quiet"])
        assert states(others) == ["live"]


async def test_no_task_is_left_after_closing(place, memory):
    async with kept_open(place.streams.prices, memory):
        await memory.until(3)
        assert "stream of one" in names_of_tasks()
    assert "stream of one" not in names_of_tasks()


@pytest.mark.parametrize("environment", [PRACTICE, LIVE])
def test_streams_have_hosts_of_their_own(environment):
    assert environment.stream_url == environment.base_url.replace("//api-", "//stream-")


async def test_recorded_lines_are_understood():
    prices = recorded("pricing", "_v3_accounts_accountID_pricing_stream")
    told = await prices_of([json.dumps(line) for line in prices])
    assert {type(event) for event in told} == {Quote, Heartbeat}
    assert told[0].bid == Decimal("114.295")
    news = recorded("transactions", "_v3_accounts_transactions_stream")
    told = await told_of([json.dumps(line) for line in news])
    assert [type(event) for event in told] == [Heartbeat] * len(news)


def quotes_in(memory: Memory) -> list[Quote]:
    return [event for event in memory.log if isinstance(event, Quote)]


def names_of_tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


def news_in(memory: Memory) -> list[AccountEvent]:
    return [event for event in memory.log if isinstance(event, AccountEvent)]


def counting(market):
    class Counting:
        base_timeframe = market.base_timeframe
        count = 0

        async def quotes(self, instruments, *, at):
            self.count += 1
            return await market.quotes(instruments, at=at)

    return Counting()


class Lines:
    """Stands in for a session whose stream says a few lines and ends."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    async def lines(self, request):
        for line in self._lines:
            yield line


async def told_of(lines: list[str]) -> list:
    return [event async for event in OandaTransactionStream(Lines(lines), ACCOUNT).messages()]


async def prices_of(lines: list[str]) -> list:
    return [event async for event in OandaPriceStream(Lines(lines), ACCOUNT, [EURO]).messages()]
