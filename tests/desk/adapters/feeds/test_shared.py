"""One fetch serves every account; failures and late answers are nobody's."""

import asyncio
import gc
import threading
from datetime import UTC, datetime, timedelta

import pytest

from desk.adapters.feeds.shared import SharedFeed
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.errors import VenueUnavailable
from desk.model.timeframe import Timeframe

AT = datetime(2025, 3, 12, 14, 7, 30, tzinfo=UTC)
MARKET = SyntheticFeed(1)


class SlowFeed:
    """Answers when `gate` is open, `unhindered` counts at once; may fail, or lag behind by `lag`."""

    base_timeframe = Timeframe.M1

    def __init__(self):
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()
        self.unhindered = set()
        self.failures = 0
        self.lag = timedelta(0)

    async def instruments(self):
        return await MARKET.instruments()

    async def candles(self, instrument, timeframe, *, until, count):
        self.asked.append((instrument, timeframe, until, count))
        self.started.set()
        if count not in self.unhindered:
            await asyncio.to_thread(self.gate.wait)
        if self.failures:
            self.failures -= 1
            raise VenueUnavailable("slow", "candles")
        return await MARKET.candles(instrument, timeframe, until=until - self.lag, count=count)

    async def quotes(self, instruments, *, at):
        return await MARKET.quotes(instruments, at=at)


@pytest.fixture
async def inner():
    return SlowFeed()


def ask(feed, *, count=50, until=AT, instrument="EUR/USD", timeframe=Timeframe.M5):
    return feed.candles(instrument, timeframe, until=until, count=count)


async def test_accounts_that_ask_at_once_share_one_fetch(inner):
    feed = SharedFeed(inner)
    answers = await asyncio.gather(*(ask(feed, count=50 - row) for row in range(10)))
    assert len(inner.asked) == feed.fetches == 1
    assert feed.hits == 9
    assert [len(answer) for answer in answers] == [50 - row for row in range(10)]


async def test_accounts_that_ask_later_in_the_same_candle_are_served_from_memory(inner):
    feed = SharedFeed(inner)
    first = await ask(feed)
    again = await ask(feed, until=AT + timedelta(seconds=100), count=20)
    assert (feed.fetches, feed.hits) == (1, 1)
    assert again.time.tolist() == first.time[-20:].tolist()


async def test_the_answer_is_that_of_the_inner_feed(inner):
    shared = await ask(SharedFeed(inner))
    direct = await ask(MARKET)
    assert shared.frame.equals(direct.frame)


@pytest.mark.parametrize(
    "other",
    [{"until": AT + timedelta(minutes=5)}, {"instrument": "USD/JPY"}, {"timeframe": Timeframe.M1}, {"count": 51}],
)
async def test_another_question_is_another_fetch(inner, other):
    feed = SharedFeed(inner)
    await ask(feed)
    await ask(feed, **other)
    assert (feed.fetches, feed.hits) == (2, 0)


async def test_a_longer_question_does_not_wait_for_a_shorter_one_and_serves_later_ones(inner):
    feed = SharedFeed(inner)
    short, long = await asyncio.gather(ask(feed, count=10), ask(feed, count=90))
    assert (len(short), len(long), feed.fetches) == (10, 90, 2)
    assert len(await ask(feed, count=90)) == 90
    assert feed.fetches == 2


async def test_a_short_answer_that_comes_last_does_not_displace_a_longer_one(inner):
    feed = SharedFeed(inner)
    inner.gate.clear()
    inner.unhindered = {90}
    short = asyncio.create_task(ask(feed, count=10))
    await asyncio.sleep(0)
    await ask(feed, count=90)
    inner.gate.set()
    await short
    assert len(await ask(feed, count=80)) == 80
    assert feed.fetches == 2


async def test_a_feed_without_older_candles_is_not_asked_for_them_again(inner):
    feed = SharedFeed(inner)
    early = datetime(2020, 1, 1, 2, tzinfo=UTC)
    await ask(feed, instrument="BTC/USD", until=early, count=100)
    assert len(await ask(feed, instrument="BTC/USD", until=early, count=500)) == 24
    assert feed.fetches == 1


async def test_a_failure_reaches_all_who_wait_and_is_not_remembered(inner):
    feed = SharedFeed(inner)
    inner.failures = 1
    answers = await asyncio.gather(*(ask(feed) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [VenueUnavailable] * 3
    assert len(await ask(feed)) == 50
    assert feed.fetches == 2


async def test_an_answer_without_the_newest_candle_is_not_remembered(inner):
    feed = SharedFeed(inner)
    inner.lag = timedelta(minutes=5)
    behind = await ask(feed)
    inner.lag = timedelta(0)
    caught_up = await ask(feed)
    assert caught_up.closed_at - behind.closed_at == timedelta(minutes=5)


async def test_one_caller_giving_up_does_not_take_the_answer_from_the_others(inner):
    feed = SharedFeed(inner)
    inner.gate.clear()
    first, second = asyncio.create_task(ask(feed)), asyncio.create_task(ask(feed))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    inner.gate.set()
    assert len(await second) == 50
    assert first.cancelled()
    assert feed.fetches == 1


async def test_a_failure_after_everyone_gave_up_troubles_nobody(inner):
    feed, complaints = SharedFeed(inner), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    inner.gate.clear()
    inner.failures = 1
    caller = asyncio.create_task(ask(feed))
    await asyncio.sleep(0)
    caller.cancel()
    inner.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.sleep(0.05)
    gc.collect()
    assert inner.failures == 0
    assert complaints == []
    assert len(await ask(feed)) == 50


async def test_memory_is_bounded(inner):
    feed = SharedFeed(inner, candles_kept=100)
    for name in ("EUR/USD", "USD/JPY", "GBP/USD", "EUR/USD"):
        await ask(feed, instrument=name)
    assert feed.fetches == 4


async def test_a_caller_in_another_event_loop_does_not_wait_for_a_fetch_of_the_first(inner):
    inner.gate.clear()
    feed = SharedFeed(inner)
    elsewhere = asyncio.create_task(asyncio.to_thread(asyncio.run, ask(feed)))
    await asyncio.to_thread(inner.started.wait)
    here = asyncio.create_task(ask(feed))
    await asyncio.sleep(0)
    inner.gate.set()
    assert [len(answer) for answer in await asyncio.gather(here, elsewhere)] == [50, 50]
    assert feed.fetches == 2


async def test_everything_else_is_the_inner_feeds(inner):
    feed = SharedFeed(inner)
    assert feed.base_timeframe is Timeframe.M1
    assert await feed.instruments() == await MARKET.instruments()
    assert await feed.quotes(["EUR/USD"], at=AT) == await MARKET.quotes(["EUR/USD"], at=AT)
