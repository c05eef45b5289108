"""A live feed is shared in several ways: for decisions, for matching orders, and for choosing what to decide on."""

import asyncio
from datetime import timedelta

from desk.adapters.feeds.live import share
from tests.desk.adapters.feeds.batches import EURO, GOLD, M5, START, YEN, BatchMarket, HandClock
from tests.desk.adapters.feeds.test_prices import PriceFeed


async def test_candles_are_shared_by_deciding_and_matching_and_grow_where_the_venue_has_a_batch():
    clock = HandClock(START + timedelta(seconds=1))
    market = BatchMarket(clock)
    live = share(market, clock)
    for _ in range(3):
        await asyncio.gather(
            *(one.candles(EURO, M5, until=clock.now(), count=20) for one in (live.deciding, live.matching))
        )
        clock.at += timedelta(minutes=5)
    assert [call for call, _ in market.asked] == ["candles", "latest", "latest"]


async def test_orders_are_matched_at_fresh_prices_only():
    clock = HandClock()
    market = PriceFeed(clock)
    live = share(market, clock)
    for _ in range(3):
        await live.deciding.quotes([EURO], at=START)
        await live.matching.quotes([EURO], at=START)
    assert len(market.asked) == 4


async def test_the_listing_from_which_a_universe_is_chosen_is_asked_for_by_no_later_decision_or_choice():
    clock = HandClock()
    market = PriceFeed(clock)
    live = share(market, clock)
    await asyncio.gather(*(live.choosing.quotes([EURO, YEN, GOLD], at=START) for _ in range(3)))
    for _ in range(2):
        clock.at += timedelta(minutes=1)
        await live.deciding.quotes([EURO], at=START)
    await live.choosing.quotes([YEN], at=START)
    assert [names for names, _ in market.asked] == [[EURO, YEN, GOLD], [EURO], [EURO], [YEN]]


async def test_a_watch_sees_a_price_no_later_than_with_its_next_look():
    clock = HandClock()
    market = PriceFeed(clock)
    live = share(market, clock)
    for _ in range(2):
        await asyncio.gather(*(live.watching.quotes([EURO], at=START) for _ in range(5)))
        assert (await live.watching.quotes([EURO], at=START))[EURO].at == clock.at
        clock.at += timedelta(seconds=1)
    assert len(market.asked) == 2


async def test_a_venue_without_a_batch_is_fetched_once_for_each_closed_candle():
    clock = HandClock(START + timedelta(seconds=1))
    batched = BatchMarket(clock)

    class Plain:
        base_timeframe = batched.base_timeframe
        instruments, candles = staticmethod(batched.instruments), staticmethod(batched.candles)

    live = share(Plain(), clock, sleep=clock.sleep)
    for _ in range(3):
        await asyncio.gather(*(live.deciding.candles(EURO, M5, until=clock.now(), count=20) for _ in range(5)))
        clock.at += timedelta(minutes=5)
    assert [call for call, _ in batched.asked] == ["candles"] * 3
    batched.delays = {clock.at - timedelta(minutes=5, seconds=1): timedelta(seconds=2)}
    assert (await live.deciding.candles(EURO, M5, until=clock.now(), count=20)).closed_at == M5.floor(clock.now())
    assert clock.pauses == [0.25, 0.5, 1.0]
