"""The fence: what opens a position does not leave without a right to, and everything else may."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from desk.adapters.venue_http.fence import fenced, note_right
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import LedgerError, NotSent
from desk.model.orders import OrderIntent
from tests.builders import intent

ENTRY = intent("sd-1")
EXIT = replace(intent("sd-2"), reduce_only=True)
ORDER = Request("POST", "/orders", "order sd-1", json={"size": "1"})
STOP = Request("POST", "/stops", "stop of sd-1", json={"size": "1"})
CANCEL = Request("DELETE", "/orders/1", "cancel sd-0")
LOOK = Request("GET", "/orders/1", "order sd-1")


class Venue:
    """Counts what arrives; meanwhile the lease may end."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.lease_ends_with = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen[f"{request.method} {request.url.path}"] += 1
        if request.method == self.lease_ends_with:
            end_lease()
        return httpx.Response(200, json={})


class Listener:
    """A venue that takes one connection, and keeps what it read of it."""

    def __init__(self) -> None:
        self.url = ""
        self._read = b""
        self._ended = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(4096):
            self._read += chunk
            if self._read.endswith(b"}"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()
        self._ended.set()

    async def ended(self) -> bytes:
        """Wait for the end of the connection, and return what came over it."""
        await asyncio.wait_for(self._ended.wait(), 5)
        return self._read


def end_lease() -> None:
    note_right(datetime.now(UTC) - timedelta(milliseconds=1))


@pytest.fixture
def venue() -> Venue:
    return Venue()


@pytest.fixture
async def session(venue):
    async with VenueSession(
        "fake", "http://venue.test", errors=lambda *_: None, transport=httpx.MockTransport(venue)
    ) as opened:
        yield opened


@pytest.fixture
async def listener():
    taken = Listener()
    async with await asyncio.start_server(taken.talk, "127.0.0.1") as server:
        taken.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield taken


async def test_an_order_that_opens_a_position_does_not_leave_after_the_lease(session, venue):
    end_lease()
    with fenced(ENTRY), pytest.raises(NotSent, match=r"LEASE_OVER.*the process stood still"):
        await session.write(ORDER)
    assert not venue.seen


async def test_it_leaves_before_the_end_and_where_there_is_none(session, venue):
    for ends in (datetime.now(UTC) + timedelta(minutes=1), None):
        note_right(ends)
        with fenced(ENTRY):
            await session.write(ORDER)
    assert venue.seen == {"POST /orders": 2}


async def test_what_reduces_a_position_leaves_at_any_time(session, venue):
    end_lease()
    await session.write(CANCEL)
    with fenced(EXIT):
        await session.write(ORDER)
    assert venue.seen.total() == 2


async def test_questions_are_asked_at_any_time(session, venue):
    end_lease()
    with fenced(ENTRY):
        await session.read(LOOK)
    assert venue.seen == {"GET /orders/1": 1}


async def test_what_protects_an_order_that_has_left_follows_it_although_the_lease_has_ended(session, venue):
    venue.lease_ends_with = "POST"
    with fenced(ENTRY):
        await session.write(ORDER)
        await session.write(STOP)
    assert venue.seen == {"POST /orders": 1, "POST /stops": 1}


async def test_a_lease_that_ends_while_something_is_tidied_up_before_the_order_keeps_the_order_back(session, venue):
    venue.lease_ends_with = "DELETE"
    with fenced(ENTRY):
        await session.write(CANCEL)
        with pytest.raises(NotSent):
            await session.write(ORDER)
    assert venue.seen == {"DELETE /orders/1": 1}


@dataclass
class Ledger:
    """Is asked about an entry; objects, or fails, from the question of that number on."""

    from_on: int
    fails: bool = False
    asked: list[OrderIntent] = field(default_factory=list)

    async def __call__(self, intent: OrderIntent) -> str:
        self.asked.append(intent)
        if len(self.asked) < self.from_on:
            return ""
        if self.fails:
            raise LedgerError("the disk is gone")
        return "TRADING_HALTED: drill"


async def test_an_order_that_opens_a_position_does_not_leave_where_the_ledger_objects(session, venue):
    note_right(None, ledger := Ledger(from_on=1))
    with fenced(ENTRY), pytest.raises(NotSent, match=r"NO_RIGHT.*TRADING_HALTED: drill"):
        await session.write(ORDER)
    assert not venue.seen
    assert ledger.asked == [ENTRY]


async def test_nor_where_the_ledger_cannot_be_asked(session, venue):
    note_right(None, Ledger(from_on=1, fails=True))
    with fenced(ENTRY), pytest.raises(NotSent, match=r"LEDGER_UNREADABLE.*the disk is gone"):
        await session.write(ORDER)
    assert not venue.seen


async def test_what_reduces_a_position_does_not_leave_where_the_ledger_objects(session, venue):
    note_right(None, ledger := Ledger(from_on=1))
    with fenced(EXIT), pytest.raises(NotSent, match="NO_RIGHT"):
        await session.write(ORDER)
    assert (venue.seen.total(), ledger.asked) == (0, [EXIT])


async def test_nor_does_it_after_the_stops_that_made_way_for_it(session, venue):
    note_right(None, ledger := Ledger(from_on=2))
    with fenced(EXIT):
        await session.write(STOP)
        with pytest.raises(NotSent, match="NO_RIGHT"):
            await session.write(ORDER)
    assert (venue.seen, len(ledger.asked)) == ({"POST /stops": 1}, 2)


async def test_a_ledger_that_cannot_be_asked_keeps_no_position_open(session, venue):
    note_right(None, Ledger(from_on=1, fails=True))
    with fenced(EXIT):
        await session.write(ORDER)
    assert venue.seen == {"POST /orders": 1}


async def test_a_cancel_is_not_asked_about(session, venue):
    note_right(None, ledger := Ledger(from_on=1))
    await session.write(CANCEL)
    assert (venue.seen.total(), ledger.asked) == (1, [])


async def test_an_objection_while_the_connection_is_made_keeps_the_order_back(listener):
    note_right(None, ledger := Ledger(from_on=2))
    async with VenueSession("fake", listener.url, errors=lambda *_: None) as session:
        with fenced(ENTRY), pytest.raises(NotSent, match="NO_RIGHT"):
            await session.write(ORDER)
    assert await listener.ended() == b""
    assert len(ledger.asked) == 2


async def test_an_order_without_an_objection_leaves_over_a_real_connection(listener):
    note_right(None, Ledger(from_on=3))
    async with VenueSession("fake", listener.url, errors=lambda *_: None) as session:
        with fenced(ENTRY):
            assert await session.write(ORDER) == {}
    assert (await listener.ended()).startswith(b"POST /orders")


async def test_the_fence_ends_with_its_context(session, venue):
    with fenced(ENTRY):
        pass
    end_lease()
    await session.write(ORDER)
    assert venue.seen == {"POST /orders": 1}
