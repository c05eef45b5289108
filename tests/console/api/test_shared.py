"""What is read once for many pages."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from console.api.shared import Shared
from desk.errors import LedgerError
from tests.builders import CLOSE


@dataclass
class Hands:
    """A clock whose time is set."""

    at: datetime = CLOSE

    def now(self) -> datetime:
        return self.at


@dataclass
class Source:
    """Answers when it is let, and counts how often it was asked."""

    asked: int = 0
    let: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False

    async def read(self) -> int:
        self.asked += 1
        number = self.asked
        await self.let.wait()
        if self.fails:
            raise LedgerError("locked")
        return number


async def test_who_comes_while_it_is_read_gets_the_same_reading():
    source, shared = Source(), Shared(Hands())
    asking = [asyncio.create_task(shared.newest("fleet", source.read, CLOSE)) for _ in range(20)]
    await asyncio.sleep(0)
    source.let.set()
    assert await asyncio.gather(*asking) == [1] * 20


async def test_a_reading_does_for_all_who_take_one_of_that_age_and_for_nobody_else():
    clock, source = Hands(), Source()
    source.let.set()
    shared = Shared(clock)
    assert await shared.newest("fleet", source.read, CLOSE) == 1
    clock.at += timedelta(seconds=9)
    assert await shared.newest("fleet", source.read, CLOSE) == 1
    assert await shared.newest("another", source.read, CLOSE) == 2
    assert await shared.newest("fleet", source.read, CLOSE + timedelta(seconds=1)) == 3
    assert await shared.newest("fleet", source.read, CLOSE) == 3


async def test_nothing_older_than_a_minute_is_kept():
    clock, source = Hands(), Source()
    source.let.set()
    shared = Shared(clock)
    await shared.newest("fleet", source.read, CLOSE)
    clock.at += timedelta(minutes=1)
    assert await shared.newest("fleet", source.read, CLOSE) == 2


async def test_a_failure_is_told_to_all_who_waited_and_to_nobody_after_them():
    source, shared = Source(fails=True), Shared(Hands())
    asking = [asyncio.create_task(shared.newest("fleet", source.read, CLOSE)) for _ in range(2)]
    await asyncio.sleep(0)
    source.let.set()
    for one in asking:
        with pytest.raises(LedgerError):
            await one
    source.fails = False
    assert await shared.newest("fleet", source.read, CLOSE) == 2


async def test_a_browser_that_leaves_takes_no_reading_from_the_others():
    source, shared = Source(), Shared(Hands())
    leaving, staying = (asyncio.create_task(shared.newest("fleet", source.read, CLOSE)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    source.let.set()
    assert await staying == 1
    assert leaving.cancelled() or await asyncio.gather(leaving, return_exceptions=True)
