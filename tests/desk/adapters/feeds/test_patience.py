"""A candle that is a moment late is waited for; one that does not come, or cannot come, is not."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.adapters.feeds.patience import PatientFeed
from tests.desk.adapters.feeds.batches import EURO, M1, M5, START, BatchMarket, HandClock

SECOND = timedelta(seconds=1)


def opened(at=START + 0.2 * SECOND, **market):
    clock = HandClock(at)
    inner = BatchMarket(clock, **market)
    return clock, inner, PatientFeed(inner, clock, sleep=clock.sleep)


async def ask(clock, feed, instrument=EURO):
    return await feed.candles(instrument, M5, until=clock.now(), count=10)


async def test_a_candle_in_time_is_one_question():
    clock, inner, feed = opened()
    assert (await ask(clock, feed)).closed_at == START
    assert (len(inner.asked), clock.pauses) == (1, [])


@pytest.mark.parametrize(("late", "questions"), [(0.3, 2), (0.9, 3), (1.9, 4), (3.9, 5)])
async def test_a_late_candle_is_asked_for_until_it_comes(late, questions):
    clock, inner, feed = opened()
    inner.delays = {START - timedelta(minutes=5): late * SECOND}
    assert (await ask(clock, feed)).closed_at == START
    assert len(inner.asked) == questions


async def test_a_candle_that_does_not_come_is_missing_after_a_few_seconds():
    clock, inner, feed = opened()
    inner.quiet = {START - timedelta(minutes=5)}
    candles = await ask(clock, feed)
    assert (candles.closed_at, len(candles)) == (START - timedelta(minutes=5), 10)
    assert clock.at - START < 5 * SECOND


async def test_whoever_asks_later_does_not_wait():
    clock, inner, feed = opened(START + 5 * SECOND)
    inner.quiet = {START - timedelta(minutes=5)}
    await ask(clock, feed)
    assert (len(inner.asked), clock.pauses) == (1, [])


async def test_a_closed_market_is_not_waited_for():
    saturday = datetime(2026, 1, 17, 12, 0, 1, tzinfo=UTC)
    clock, inner, feed = opened(saturday, begins=saturday)
    assert len(await ask(clock, feed)) == 0
    assert len(inner.asked) == 1


async def test_everything_else_is_the_inner_feeds():
    _, inner, feed = opened()
    assert feed.base_timeframe is M1
    assert await feed.instruments() == await inner.instruments()
    assert await feed.quotes([EURO], at=START) == {}
