"""One look at the prices serves everyone who decides within seconds, and nobody for longer."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.feeds.prices import SharedQuotes
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.errors import DataError, InvalidOrder, VenueUnavailable
from desk.model.books import Quote
from tests.desk.adapters.feeds.batches import EURO, GOLD, M1, START, YEN, HandClock

SECOND = timedelta(seconds=1)


class PriceFeed:
    """Prices everything but gold, and remembers what it was asked."""

    base_timeframe = M1

    def __init__(self, clock):
        self.clock = clock
        self.asked = []
        self.failures = 0
        self.refused = {}

    async def quotes(self, instruments, *, at):
        self.asked.append((list(instruments), at))
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise VenueUnavailable("venue", "prices")
        for name in self.refused.keys() & set(instruments):
            raise self.refused[name]
        return {name: Quote(name, Decimal(1), Decimal(2), self.clock.now()) for name in instruments if name != GOLD}


@pytest.fixture
def inner():
    return PriceFeed(HandClock())


@pytest.fixture
def feed(inner):
    return SharedQuotes(inner, inner.clock)


def ask(feed, *names):
    return feed.quotes(names or (EURO, YEN), at=START)


async def test_one_call_serves_all_who_ask_at_once_and_within_the_next_seconds(feed, inner):
    answers = await asyncio.gather(*(ask(feed) for _ in range(10)))
    inner.clock.at += 14.9 * SECOND
    answers.append(await ask(feed, YEN))
    assert len(inner.asked) == 1
    assert [list(answer) for answer in answers] == [[EURO, YEN]] * 10 + [[YEN]]
    assert {quote.at for answer in answers for quote in answer.values()} == {START}


async def test_prices_are_asked_for_again_after_fifteen_seconds(feed, inner):
    await ask(feed)
    inner.clock.at += 15 * SECOND
    assert (await ask(feed))[EURO].at == inner.clock.at
    assert inner.asked[-1] == ([EURO, YEN], inner.clock.at)


async def test_a_new_instrument_is_a_call_for_all_in_use(feed, inner):
    await ask(feed, EURO)
    await ask(feed, YEN)
    inner.clock.at += 15 * SECOND
    await ask(feed, EURO)
    await ask(feed, YEN)
    assert [names for names, _ in inner.asked] == [[EURO], [EURO, YEN], [EURO, YEN]]


async def test_an_instrument_without_a_price_is_missing_and_costs_no_further_call(feed, inner):
    assert list(await ask(feed, GOLD, EURO)) == [EURO]
    assert list(await ask(feed, GOLD)) == []
    assert len(inner.asked) == 1


async def test_an_instrument_that_nobody_uses_any_more_is_not_asked_for(feed, inner):
    await ask(feed)
    inner.clock.at += timedelta(hours=1, seconds=1)
    await ask(feed, EURO)
    assert inner.asked[-1][0] == [EURO]


async def test_who_looks_at_a_listing_now_and_then_asks_for_nobody_else_and_is_shared_at_the_same_moment(inner):
    feed = SharedQuotes(inner, inner.clock, in_use=timedelta(0))
    await asyncio.gather(ask(feed, EURO, YEN, GOLD), ask(feed, EURO, YEN))
    inner.clock.at += SECOND
    await ask(feed, GOLD)
    inner.clock.at += 15 * SECOND
    await ask(feed, EURO)
    inner.clock.at += SECOND
    await ask(feed, YEN)
    assert [names for names, _ in inner.asked] == [[EURO, YEN, GOLD], [EURO], [YEN]]


async def test_nothing_is_asked_for_nothing(feed, inner):
    assert await feed.quotes([], at=START) == {}
    assert inner.asked == []


async def test_a_failure_reaches_all_who_wait_and_is_not_remembered(feed, inner):
    inner.failures = 1
    answers = await asyncio.gather(*(ask(feed) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [VenueUnavailable] * 3
    assert list(await ask(feed)) == [EURO, YEN]


REFUSALS = [InvalidOrder("venue", "prices", "INVALID_ARGUMENT"), DataError("malformed")]


@pytest.mark.parametrize("refusal", REFUSALS, ids=["refused", "malformed"])
async def test_an_instrument_that_the_venue_refuses_takes_nobody_elses_quotes(feed, inner, refusal):
    inner.refused = {GOLD: refusal}
    for _ in range(90):
        wanted = asyncio.gather(ask(feed, GOLD), ask(feed, EURO), ask(feed, YEN), return_exceptions=True)
        gold, *others = await wanted
        assert type(gold) is type(refusal)
        assert [list(answer) for answer in others] == [[EURO], [YEN]]
        inner.clock.at += timedelta(minutes=1)


async def test_instruments_of_a_refused_call_cost_one_call_of_their_own_from_then_on(feed, inner):
    inner.refused = {GOLD: REFUSALS[0]}
    await asyncio.gather(ask(feed, GOLD, YEN), ask(feed, EURO), return_exceptions=True)
    inner.asked.clear()
    inner.clock.at += timedelta(minutes=1)
    await asyncio.gather(ask(feed, GOLD, YEN), ask(feed, EURO), return_exceptions=True)
    assert sorted(names for names, _ in inner.asked) == [[EURO], [GOLD, YEN]]


async def test_an_instrument_that_the_venue_quotes_again_is_asked_for_along_with_others_again(feed, inner):
    inner.refused = {GOLD: REFUSALS[0]}
    with pytest.raises(InvalidOrder):
        await ask(feed, YEN, GOLD)
    inner.refused = {}
    await ask(feed, YEN, GOLD)
    inner.clock.at += timedelta(minutes=1)
    inner.asked.clear()
    await asyncio.gather(ask(feed, YEN, GOLD), ask(feed, YEN))
    assert [names for names, _ in inner.asked] == [[YEN, GOLD]]


async def test_one_caller_who_gives_up_does_not_take_the_answer_from_the_others(feed, inner):
    first, second = asyncio.create_task(ask(feed)), asyncio.create_task(ask(feed))
    await asyncio.sleep(0)
    first.cancel()
    assert list(await second) == [EURO, YEN]
    assert len(inner.asked) == 1


async def test_everything_else_is_the_inner_feeds():
    market = SyntheticFeed(1)
    feed = SharedQuotes(market, HandClock())
    assert feed.base_timeframe is M1
    assert await feed.instruments() == await market.instruments()
    mine, theirs = [await one.candles(EURO, M1, until=START, count=5) for one in (feed, market)]
    assert mine.frame.equals(theirs.frame)
