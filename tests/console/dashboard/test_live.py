"""What a page shows while the ledger answers and while it does not; without a browser."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nicegui import ui
from nicegui.client import Client
from nicegui.elements.mixins.text_element import TextElement
from starlette.requests import Request

from console.api.hub import Changes
from console.dashboard.frame import frame
from console.dashboard.live import Live
from console.dashboard.parts import words
from desk.errors import ConfigError, LedgerError
from desk.model.access import Rights, Visitor
from tests.builders import CLOSE

ANA = Visitor("ana", Rights.READ, "digest")


@dataclass
class Updates:
    """Says when something has happened."""

    happened: Changes = field(default_factory=Changes)

    def changes(self, _now: datetime) -> Changes:
        return self.happened


@dataclass
class Room:
    """As much of a room as a page asks: a clock, the updates, and whether the session is on."""

    at: datetime = CLOSE
    session: Visitor | None = ANA
    answers: list[str | LedgerError] = field(default_factory=list)
    updates: Updates = field(default_factory=Updates)

    @property
    def clock(self) -> "Room":
        return self

    @property
    def ledger(self) -> "Room":
        return self

    def now(self) -> datetime:
        return self.at

    async def visitor_with_session(self, _digest: str) -> Visitor | None:
        return self.session

    async def read(self) -> str:
        answer = self.answers.pop(0)
        if isinstance(answer, LedgerError):
            raise answer
        return answer


@contextmanager
def page() -> Iterator[Client]:
    asked = {"type": "http", "method": "GET", "path": "/trades", "query_string": b"account=sample", "headers": []}
    with Client(ui.page(""), request=Request({**asked, "server": ("127.0.0.1", 8710)})) as client:
        yield client


def texts(client: Client) -> list[str]:
    return [one.text for one in client.elements.values() if isinstance(one, TextElement)]


async def test_the_last_good_values_stay_with_their_age_while_the_ledger_does_not_answer():
    room = Room(answers=["first", LedgerError("locked"), "second"])
    with page() as client:
        live = Live(room, ANA, room.read, lambda found: words("p", found))
        await live.begin()
        assert texts(client) == ["first"]
        room.at += timedelta(minutes=3)
        await live.refresh()
        assert texts(client) == [
            "first",
            "The ledger does not answer.",
            "What stands here was read 3 min ago.",
            "locked",
        ]
        await live.refresh()
        assert texts(client) == ["second"]


async def test_what_has_not_changed_is_not_built_again():
    room, built = Room(answers=["same", "same", "other"]), []
    with page():
        live = Live(room, ANA, room.read, built.append)
        for _ in range(3):
            await (live.refresh() if built else live.begin())
    assert built == ["same", "other"]


async def test_a_page_whose_session_is_over_reads_nothing_more():
    room = Room(answers=["first", "second"])
    with page() as client:
        live = Live(room, ANA, room.read, lambda found: words("p", found))
        await live.begin()
        room.session = None
        await live.refresh()
        assert texts(client) == ["first"]
        assert room.answers == ["second"]
        # Who logs in again is led back.
        led = [data["path"] for _, kind, data in client.outbox.messages if kind == "open"]
        assert led == ["/login?next=/trades%3Faccount%3Dsample"]
        await asyncio.sleep(0)


def test_a_page_that_cannot_be_built_says_why_under_its_head():
    with page() as client, frame(Room(), ANA, ("Risk", "")):
        words("h1", "Risk")
        raise ConfigError("accounts.yaml:11: expected a known key")
    assert texts(client)[-3:] == ["Risk", "This cannot be shown.", "accounts.yaml:11: expected a known key"]


async def test_what_may_wait_for_others_is_read_once_the_page_is_there():
    room = Room(answers=["first", "time"])
    with page() as client:
        live = Live(room, ANA, room.read, lambda found: words("p", found))
        room.updates.happened = Changes(room.at, room.at)
        live.begin_later(timedelta(seconds=30))
        await live.look_for_orders()
        assert texts(client) == []
        await live.refresh()
        await live.look()
        assert texts(client) == ["first"]
        room.at += timedelta(seconds=30)
        await live.look()
        assert texts(client) == ["time"]


async def test_a_page_reads_again_when_it_is_time_or_something_has_changed_and_not_before():
    room = Room(answers=["first", "change", "time"])
    with page() as client:
        live = Live(room, ANA, room.read, lambda found: words("p", found))
        await live.begin(timedelta(seconds=30))
        await live.look()
        assert texts(client) == ["first"]
        room.updates.happened = Changes(room.at)
        await live.look()
        assert texts(client) == ["change"]
        room.at += timedelta(seconds=29)
        await live.look()
        assert texts(client) == ["change"]
        room.at += timedelta(seconds=1)
        await live.look()
        assert texts(client) == ["time"]


async def test_an_order_to_halt_is_looked_for_more_often_than_anything_else():
    room = Room(answers=["first", "halted"])
    with page() as client:
        live = Live(room, ANA, room.read, lambda found: words("p", found))
        await live.begin()
        room.updates.happened = Changes(room.at)
        await live.look_for_orders()
        assert texts(client) == ["first"]
        room.updates.happened = Changes(room.at, room.at)
        await live.look_for_orders()
        await live.look_for_orders()
        assert texts(client) == ["halted"]


async def test_what_was_read_may_be_as_old_as_what_happened_last_and_no_older_than_what_oneself_did():
    room = Room(answers=["first", "change", "own", "time"])
    with page():
        live = Live(room, ANA, room.read, lambda found: words("p", found))
        await live.begin(timedelta(seconds=30))
        assert live.since == room.at
        happened = room.at
        room.updates.happened = Changes(happened)
        room.at += timedelta(seconds=4)
        await live.look()
        assert live.since == happened
        await live.refresh()
        assert live.since == room.at
        room.at += timedelta(seconds=30)
        await live.look()
        assert live.since == room.at - timedelta(seconds=5)
