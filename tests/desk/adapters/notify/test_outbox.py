"""The outbox: what is written down arrives once at each place, whoever dies and whatever is away meanwhile."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from desk.accounts.messages import MessagesFile
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.notify.outbox import CLAIMED_FOR, Outbox
from desk.adapters.notify.targets import EVERY_KIND, NotDelivered, Target
from desk.errors import LedgerError
from desk.model.messages import DeliveryState, MessageKind
from desk.ports import Message
from tests.builders import CLOSE

GOLD = Message("gold: scan failed", "no candles", "error")
MINUTE = timedelta(minutes=1)


@dataclass
class Place:
    """Keeps what it is given, or raises."""

    taken: list[Message] = field(default_factory=list)
    fails: Exception | None = None

    async def send(self, message: Message) -> None:
        if self.fails:
            raise self.fails
        self.taken.append(message)


@dataclass
class Post:
    """An outbox with two places, and a third that hears of escalations alone."""

    ledger: Ledger
    terms: MessagesFile = field(default_factory=MessagesFile)
    chat: Place = field(default_factory=Place)
    mail: Place = field(default_factory=Place)
    pager: Place = field(default_factory=Place)
    with_mail: bool = True

    def box(self, minutes: float = 0) -> Outbox:
        return Outbox(self.ledger, self.targets, lambda: self.terms, FixedClock(CLOSE + minutes * MINUTE))

    def targets(self) -> list[Target]:
        alone = frozenset({MessageKind.ESCALATION})
        found = [Target("chat", self.chat), Target("pager", self.pager, alone)]
        return [*found, *([Target("mail", self.mail, EVERY_KIND)] if self.with_mail else [])]

    async def states(self) -> dict[str, DeliveryState]:
        (told,) = await self.ledger.told(limit=1)
        return {one.target: one.state for one in told.deliveries}


@pytest.fixture
async def post(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Post]:
    database = Database.open(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'desk.db')}")
    yield Post(Ledger(database, FixedClock(CLOSE)))
    await database.close()


async def test_a_message_goes_to_every_place_of_its_kind_and_what_one_took_is_not_sent_there_again(post: Post) -> None:
    post.mail.fails = NotDelivered("the server is away")
    await post.box().send(GOLD)
    assert (post.chat.taken, post.mail.taken, post.pager.taken) == ([GOLD], [], [])
    post.mail.fails = None
    await post.box(0.9).deliver()
    assert post.mail.taken == [], "it is left alone for a minute"
    await post.box(1).deliver()
    await post.box(60).deliver()
    assert (post.chat.taken, post.mail.taken) == ([GOLD], [GOLD])


async def test_an_address_that_is_written_twice_is_one_place(post: Post) -> None:
    twice = Outbox(post.ledger, lambda: post.targets() * 2, lambda: post.terms, FixedClock(CLOSE))
    await twice.send(GOLD)
    assert (post.chat.taken, post.mail.taken) == ([GOLD], [GOLD])


async def test_waits_grow_and_a_place_that_never_takes_it_is_given_up(post: Post) -> None:
    post.terms, post.chat.fails = MessagesFile(attempts=3), ValueError("https://bot-token-in-an-address")
    await post.box().send(GOLD)
    tried = []
    for minutes in range(1, 12):
        before = await post.ledger.due_deliveries(CLOSE + minutes * MINUTE)
        await post.box(minutes).deliver()
        tried += [minutes] if before else []
    assert tried == [1, 3]
    assert (await post.states())["chat"] is DeliveryState.DEAD
    (told,) = await post.ledger.told(limit=1)
    assert [one.detail for one in told.deliveries] == ["ValueError", ""], "the text of what is not ours may be secret"


async def test_a_place_that_asks_for_patience_gets_it(post: Post) -> None:
    post.chat.fails = NotDelivered("too many", retry_after=timedelta(minutes=30))
    await post.box().send(GOLD)
    assert await post.ledger.due_deliveries(CLOSE + 29 * MINUTE) == ()
    assert len(await post.ledger.due_deliveries(CLOSE + 30 * MINUTE)) == 1


async def test_a_place_that_is_away_is_asked_once_in_a_pass_and_keeps_no_other_waiting(post: Post) -> None:
    post.chat.fails = NotDelivered("away")
    titles = ("gold: one", "gold: two")
    for title in titles:
        await post.box().send(Message(title, ""))
    assert [one.title for one in post.mail.taken] == list(titles)
    await post.box(1).deliver()
    due = await post.ledger.due_deliveries(CLOSE + MINUTE)
    assert [(one.message, one.attempts) for one, _ in due] == [(2, 1)]


async def test_what_is_off_is_written_down_alone_and_what_is_silent_makes_no_sound(post: Post) -> None:
    kinds = {MessageKind.FAILURE: "off", MessageKind.ENTRY: "silent", MessageKind.ESCALATION: "silent"}
    post.terms = MessagesFile.model_validate({"kinds": kinds})
    for kind in (MessageKind.FAILURE, MessageKind.ENTRY, MessageKind.EXIT, MessageKind.ESCALATION):
        await post.box().send(Message(f"gold: {kind}", "", kind=kind))
    assert [(one.kind, one.silent) for one in post.chat.taken] == [
        (MessageKind.ENTRY, True),
        (MessageKind.EXIT, False),
        (MessageKind.ESCALATION, False),
    ]
    assert [one.kind for one in post.pager.taken] == [MessageKind.ESCALATION]
    assert [told.title for told in await post.ledger.told(limit=1)] == ["gold: escalation"]
    assert [len(told.deliveries) for told in await post.ledger.told(limit=9)] == [0, 2, 2, 3]


async def test_the_same_is_told_once_within_a_while_and_then_how_often_it_was(post: Post) -> None:
    for minutes in (0, 1, 2):
        await post.box(minutes).send(GOLD)
    await post.box(9).tell_repeats()
    assert post.chat.taken == [GOLD]
    for minutes in (10, 11, 30):
        await post.box(minutes).tell_repeats()
    assert [one.title for one in post.chat.taken] == ["gold: scan failed", "gold: scan failed (2 more times)"]


async def test_a_message_for_a_place_that_is_not_configured_any_more_is_given_up(post: Post) -> None:
    post.mail.fails = NotDelivered("away")
    await post.box().send(GOLD)
    post.with_mail = False
    await post.box(1).deliver()
    assert (await post.states())["mail"] is DeliveryState.DEAD


async def test_without_a_ledger_a_message_is_sent_at_once_and_fails_where_it_is_not_taken(post: Post) -> None:
    async def full(*_words: object, **_more: object) -> None:
        raise LedgerError("the disk is full")

    post.ledger.post = full  # type: ignore[method-assign]
    await post.box().send(GOLD)
    assert (post.chat.taken, post.mail.taken) == ([GOLD], [GOLD])
    post.mail.fails = NotDelivered("away")
    with pytest.raises(NotDelivered):
        await post.box().send(GOLD)


async def test_a_process_that_is_killed_between_writing_and_sending_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    await upgrade(url)
    child = await asyncio.to_thread(_die, url)
    assert child.returncode == -signal.SIGKILL, child.stderr
    database = Database.open(url)
    post = Post(Ledger(database, FixedClock(CLOSE)), with_mail=False)
    await post.box(1).deliver()
    assert post.chat.taken == [], "whoever was killed may have sent it a moment ago"
    await post.box(CLAIMED_FOR / MINUTE).deliver()
    assert post.chat.taken == [GOLD]
    await database.close()


def _die(url: str) -> "subprocess.CompletedProcess[str]":
    """Send in another process, which is killed at the moment at which the message would leave."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, url]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def _send_and_die(url: str) -> None:
    class Deadly:
        async def send(self, message: Message) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

    ledger, chat = Ledger(Database.open(url), FixedClock(CLOSE)), Target("chat", Deadly())
    await Outbox(ledger, lambda: [chat], MessagesFile, FixedClock(CLOSE)).send(GOLD)


if __name__ == "__main__":
    asyncio.run(_send_and_die(sys.argv[1]))
