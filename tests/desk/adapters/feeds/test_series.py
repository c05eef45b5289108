"""A live book is read once for all who decide in the same second."""

import asyncio
from datetime import timedelta

import pytest

from desk.adapters.feeds.live import share
from desk.adapters.feeds.series import SharedDepth, SharedFunding
from desk.errors import VenueUnavailable
from desk.model.depth import Depth, Funding
from tests.desk.adapters.feeds.batches import EURO, START, YEN, BatchMarket, HandClock

SILENT = VenueUnavailable("fake", "book", "503", "maintenance")


class BookMarket(BatchMarket):
    """Has an empty book of now, and tells how often it was asked for it."""

    def __init__(self, clock):
        super().__init__(clock)
        self.clock = clock
        self.books = []
        self.fails = None

    async def depth(self, instrument, *, at):
        self.books.append(instrument)
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails
        return Depth(instrument, (), (), self.clock.now())

    async def funding(self, instrument, *, at):
        self.books.append(f"funding of {instrument}")
        return Funding(instrument, 0, timedelta(hours=8), self.clock.now())


async def test_accounts_that_decide_in_the_same_second_share_a_read_and_later_ones_have_their_own():
    clock = HandClock()
    market = BookMarket(clock)
    shared = SharedDepth(market, clock)
    await asyncio.gather(*(shared.depth(EURO, at=START) for _ in range(4)), shared.depth(YEN, at=START))
    assert market.books == [EURO, YEN]
    clock.at += timedelta(seconds=1)
    assert (await shared.depth(EURO, at=START)).at == clock.at
    assert market.books == [EURO, YEN, EURO]


async def test_a_clock_that_was_set_back_does_not_make_an_old_book_a_new_one():
    clock = HandClock()
    market = BookMarket(clock)
    shared = SharedDepth(market, clock)
    await shared.depth(EURO, at=START)
    clock.at -= timedelta(minutes=5)
    await shared.depth(EURO, at=START)
    assert market.books == [EURO, EURO]


async def test_a_failure_is_everybodys_and_is_not_remembered():
    clock = HandClock()
    market = BookMarket(clock)
    shared = SharedDepth(market, clock)
    market.fails = SILENT
    found = await asyncio.gather(*(shared.depth(EURO, at=START) for _ in range(2)), return_exceptions=True)
    assert found == [SILENT, SILENT]
    market.fails = None
    assert await shared.depth(EURO, at=START) is not None
    assert market.books == [EURO, EURO]


async def test_one_who_gives_up_does_not_take_the_book_from_the_others():
    clock = HandClock()
    market = BookMarket(clock)
    shared = SharedDepth(market, clock)
    first, second = (asyncio.create_task(shared.depth(EURO, at=START)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).instrument == EURO
    with pytest.raises(asyncio.CancelledError):
        await first
    assert market.books == [EURO]


async def test_funding_serves_for_a_minute():
    clock = HandClock()
    market = BookMarket(clock)
    shared = SharedFunding(market, clock)
    for _ in range(3):
        await shared.funding(EURO, at=START)
        clock.at += timedelta(seconds=30)
    assert market.books == [f"funding of {EURO}"] * 2


async def test_a_market_is_asked_only_for_what_it_has():
    clock = HandClock()
    assert share(BatchMarket(clock), clock).depth is None
    assert share(BatchMarket(clock), clock).funding is None
    live = share(BookMarket(clock), clock)
    assert (await live.depth.depth(EURO, at=START)).instrument == EURO
    assert (await live.funding.funding(EURO, at=START)).instrument == EURO
