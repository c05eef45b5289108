"""Candles are fetched once, grow with one call for all, and are always what a fetch would give."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.adapters.feeds.growing import GrowingFeed
from desk.adapters.feeds.shared import SharedFeed
from desk.errors import DataError, InvalidOrder, VenueUnavailable
from tests.desk.adapters.feeds.batches import EURO, GOLD, H1, M1, M5, START, YEN, BatchMarket, HandClock, made

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PAIRS = [(EURO, M5), (YEN, M5), (GOLD, M5)]


class Bench:
    def __init__(self, at=START + SECOND, **market):
        self.clock = HandClock(at)
        self.market = BatchMarket(self.clock, **market)
        self.feed = GrowingFeed(self.market, self.clock, sleep=self.clock.sleep)

    async def ask(self, *pairs, count=50, until=None):
        until = until or self.clock.now()
        return await asyncio.gather(*(self.feed.candles(*pair, until=until, count=count) for pair in pairs))

    def same(self, candles, count=50):
        fetched = self.market.known(candles.instrument, candles.timeframe, self.clock.now(), count)
        return candles.frame.equals(fetched.frame)

    async def begun(self, *pairs, count=50):
        """The pairs have been fetched, and five minutes have passed."""
        await self.ask(*pairs, count=count)
        self.market.asked.clear()
        self.clock.at += 5 * MINUTE
        return self


async def test_every_pair_is_fetched_once_and_then_grows_by_one_call_for_all():
    bench = Bench()
    for _ in range(12):
        answers = await bench.ask(*PAIRS)
        assert all(bench.same(candles) and len(candles) == 50 for candles in answers)
        bench.clock.at += 5 * MINUTE
    assert sorted(bench.market.fetches()) == sorted(PAIRS)
    assert bench.market.batches() == [tuple(sorted(PAIRS))] * 11


async def test_a_candle_that_the_source_corrects_is_read_again_after_an_hour_or_a_little_more():
    bench = Bench()
    await bench.ask((EURO, M5))
    bench.market.corrected = {START - 5 * MINUTE}
    for _ in range(18):
        bench.clock.at += 5 * MINUTE
        (candles,) = await bench.ask((EURO, M5))
    assert len(bench.market.fetches()) == 2
    assert bench.same(candles)


async def test_pairs_are_not_all_fetched_again_at_the_same_close():
    bench = Bench(begins=START - timedelta(hours=5))
    pairs = [(name, timeframe) for name in (EURO, YEN, GOLD) for timeframe in (M1, M5)]
    fetched = []
    for _ in range(100):
        await bench.ask(*pairs)
        fetched.append(len(bench.market.fetches()))
        bench.clock.at += MINUTE
    again = [after - before for before, after in pairwise(fetched)]
    assert sum(again) == len(pairs)
    assert max(again) <= len(pairs) // 2


async def test_an_answer_that_is_too_short_is_believed_for_one_close_only():
    bench = Bench()
    bench.market.hiccups = [7]
    (short,) = await bench.ask((EURO, M5))
    assert len((await bench.ask((EURO, M5)))[0]) == len(short) == 7
    assert len(bench.market.fetches()) == 1
    bench.clock.at += 5 * MINUTE
    (candles,) = await bench.ask((EURO, M5))
    assert len(candles) == 50
    assert bench.same(candles)


async def test_two_answers_that_are_too_short_and_do_not_begin_alike_are_no_beginning():
    bench = Bench()
    bench.market.hiccups = [7, 7]
    for _ in range(2):
        await bench.ask((EURO, M5))
        bench.clock.at += 5 * MINUTE
    (candles,) = await bench.ask((EURO, M5))
    assert bench.same(candles)


async def test_whoever_asks_first_asks_for_everyone_whatever_the_timeframe():
    bench = Bench(START + 55 * MINUTE + SECOND, begins=START - timedelta(days=5))
    await bench.begun((EURO, M5), (YEN, H1))
    await bench.ask((EURO, M5))
    bench.clock.at += 20 * SECOND
    (hour,) = await bench.ask((YEN, H1))
    assert bench.same(hour)
    assert bench.market.asked == [("latest", ((EURO, M5), (YEN, H1)))]


async def test_accounts_behind_the_shared_feed_cost_one_call_for_each_closed_candle():
    bench = await Bench().begun(*PAIRS)
    shared = SharedFeed(bench.feed)
    for _ in range(10):
        await asyncio.gather(*(shared.candles(*pair, until=bench.clock.now(), count=50) for pair in PAIRS))
        bench.clock.at += 3 * SECOND
    assert len(bench.market.asked) == 1


@pytest.mark.parametrize("missed", [[5], [5, 10, 15]])
async def test_a_candle_that_does_not_follow_the_last_one_leads_to_one_fetch_of_that_pair(missed):
    bench = await Bench().begun((EURO, M5))
    bench.market.quiet = {START + minute * MINUTE for minute in missed}
    bench.clock.at = START + (10 + missed[-1]) * MINUTE + SECOND
    (candles,) = await bench.ask((EURO, M5))
    assert bench.same(candles)
    assert [call for call, _ in bench.market.asked] == ["latest", "candles"]


async def test_a_pair_that_is_asked_for_rarely_is_fetched_and_costs_no_call_of_its_own_before():
    bench = await Bench().begun((EURO, M1), (YEN, M5))
    assert all(map(bench.same, await bench.ask((YEN, M5), (EURO, M1))))
    assert sorted(call for call, _ in bench.market.asked) == ["candles", "latest"]


async def test_a_late_candle_is_asked_for_again_until_it_comes():
    bench = await Bench().begun(*PAIRS)
    bench.market.delays = {START: 1.5 * SECOND}
    answers = await bench.ask(*PAIRS)
    assert all(candles.closed_at == START + 5 * MINUTE and bench.same(candles) for candles in answers)
    assert len(bench.market.batches()) == 3
    assert bench.market.fetches() == []


async def test_the_first_fetch_waits_for_a_late_candle_too():
    bench = Bench(START + 0.2 * SECOND)
    bench.market.delays = {START - 5 * MINUTE: SECOND}
    (candles,) = await bench.ask((EURO, M5))
    assert candles.closed_at == START
    assert bench.same(candles)


async def test_a_candle_that_does_not_come_is_given_up_and_noticed_by_a_later_question():
    bench = await Bench().begun((EURO, M5))
    bench.market.delays = {START: timedelta(seconds=30)}
    (behind,) = await bench.ask((EURO, M5))
    assert behind.closed_at == START
    assert len(bench.market.batches()) == 5
    bench.clock.at = START + 5 * MINUTE + 6 * SECOND
    await bench.ask((EURO, M5))
    assert len(bench.market.batches()) == 5
    bench.clock.at += 30 * SECOND
    (found,) = await bench.ask((EURO, M5))
    assert bench.same(found)
    assert found.closed_at == START + 5 * MINUTE


async def test_an_answer_from_before_a_close_says_nothing_of_the_candle_that_closed():
    bench = await Bench().begun((EURO, M5))
    bench.market.delays = {START: timedelta(minutes=4, seconds=59)}
    bench.clock.at = START + 10 * MINUTE - 2 * SECOND
    (behind,) = await bench.ask((EURO, M5))
    assert behind.closed_at == START
    bench.clock.at += 3 * SECOND
    (candles,) = await bench.ask((EURO, M5))
    assert bench.same(candles)
    assert bench.clock.pauses == []


async def test_nothing_is_waited_for_while_the_market_is_closed():
    saturday = datetime(2026, 1, 17, 12, 0, 1, tzinfo=UTC)
    bench = Bench(saturday, begins=datetime(2026, 1, 16, tzinfo=UTC))
    friday = datetime(2026, 1, 16, 21, 55, tzinfo=UTC)
    bench.market.quiet = {friday + row * 5 * MINUTE for row in range(1, 300)}
    await bench.ask(*PAIRS)
    bench.market.asked.clear()
    for _ in range(10):
        bench.clock.at += 5 * MINUTE
        answers = await bench.ask(*PAIRS)
        assert all(candles.closed_at == friday + 5 * MINUTE and bench.same(candles) for candles in answers)
    assert bench.clock.pauses == []
    assert bench.market.asked == [("latest", tuple(sorted(PAIRS)))] * 10


async def test_a_source_that_is_a_moment_behind_takes_nothing_away():
    bench = await Bench().begun((EURO, M5))
    await bench.ask((EURO, M5))
    bench.clock.at += 5 * MINUTE
    bench.market.delays = {START: timedelta(hours=1)}
    (candles,) = await bench.ask((EURO, M5))
    assert candles.closed_at == START + 5 * MINUTE


async def test_a_late_question_about_an_older_candle_is_answered_without_a_call():
    bench = await Bench().begun((EURO, M5))
    await bench.ask((EURO, M5))
    bench.market.asked.clear()
    (older,) = await bench.ask((EURO, M5), until=START + SECOND)
    assert (older.closed_at, len(older)) == (START, 50)
    assert bench.market.asked == []


async def test_a_question_about_long_ago_does_not_take_the_window_away():
    bench = await Bench().begun((EURO, M5))
    (older,) = await bench.ask((EURO, M5), until=START - timedelta(hours=6))
    assert older.closed_at == START - timedelta(hours=6)
    bench.market.asked.clear()
    await bench.ask((EURO, M5))
    assert bench.market.fetches() == []


async def test_a_longer_question_is_a_fetch_and_the_longer_window_grows_from_then_on():
    bench = await Bench().begun((EURO, M5))
    await bench.ask((EURO, M5), count=80)
    assert bench.market.fetches() == [(EURO, M5)]
    bench.clock.at += 5 * MINUTE
    (candles,) = await bench.ask((EURO, M5), count=80)
    assert bench.same(candles, 80)
    assert len(bench.market.fetches()) == 1


async def test_a_window_without_older_candles_serves_every_length_and_does_not_grow_for_ever():
    bench = Bench(begins=START - 2 * MINUTE)
    for row in range(20):
        count = 5 if row < 10 or row > 14 else 500
        (candles,) = await bench.ask((EURO, M1), count=count)
        assert bench.same(candles, count)
        bench.clock.at += MINUTE
    # The second answer began as the first one did, so that both were believed.
    assert len(bench.market.fetches()) == 2
    (candles,) = await bench.ask((EURO, M1), count=500)
    assert bench.same(candles, 500)
    assert len(bench.market.fetches()) == 3


async def test_a_failure_reaches_all_who_wait_and_is_not_remembered():
    bench = await Bench().begun(*PAIRS)
    bench.market.failures = [VenueUnavailable("venue", "latest")]
    answers = await asyncio.gather(*(bench.ask(pair) for pair in PAIRS), return_exceptions=True)
    assert [type(answer) for answer in answers] == [VenueUnavailable] * 3
    assert all(map(bench.same, await bench.ask(*PAIRS)))
    assert bench.market.batches() == [tuple(sorted(PAIRS))] * 2


@pytest.mark.parametrize(
    "error", [DataError("malformed"), InvalidOrder("venue", "latest", "400", "no such instrument")]
)
async def test_one_pair_that_spoils_the_call_does_not_take_the_others_with_it(error):
    bench = await Bench().begun(*PAIRS)
    bench.market.failures = [error]
    assert all(map(bench.same, await bench.ask(*PAIRS)))
    assert sorted(bench.market.fetches()) == sorted(PAIRS)


async def test_one_caller_who_gives_up_does_not_take_the_answer_from_the_others():
    bench = await Bench().begun(*PAIRS)
    first, second = (asyncio.create_task(bench.ask(pair)) for pair in PAIRS[:2])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    assert bench.same((await second)[0])
    assert first.cancelled()
    assert len(bench.market.batches()) == 1


async def test_a_pair_that_nobody_uses_any_more_is_not_asked_for():
    bench = await Bench().begun(*PAIRS)
    for _ in range(13):
        await bench.ask((EURO, M5))
        bench.clock.at += 5 * MINUTE
    assert bench.market.batches()[0] == tuple(sorted(PAIRS))
    assert bench.market.batches()[-1] == ((EURO, M5),)


async def test_everything_else_is_the_inner_feeds():
    bench = Bench()
    assert bench.feed.base_timeframe is M1
    assert await bench.feed.instruments() == await bench.market.instruments()
    assert await bench.feed.quotes([EURO], at=START) == {}


STEPS = st.lists(
    st.tuples(
        st.floats(0.1, 60) | st.floats(60, 900),
        st.lists(st.sampled_from([*PAIRS, (EURO, M1), (YEN, H1)]), min_size=1, max_size=4, unique=True),
        st.sampled_from([1, 10, 30]),
    ),
    min_size=1,
    max_size=12,
)
OPENS = [START + row * MINUTE for row in range(-60, 180)]


@settings(deadline=None, max_examples=60)
@given(
    steps=STEPS,
    quiet=st.sets(st.sampled_from(OPENS), max_size=60),
    late=st.dictionaries(st.sampled_from(OPENS), st.floats(0, 40), max_size=40),
)
async def test_an_answer_is_what_a_fetch_would_have_given_at_most_fifteen_seconds_ago(steps, quiet, late):
    bench = Bench(begins=START - timedelta(hours=2))
    bench.market.quiet = quiet
    bench.market.delays = {opened: timedelta(seconds=seconds) for opened, seconds in late.items()}
    for seconds, pairs, count in steps:
        bench.clock.at += timedelta(seconds=seconds)
        until = bench.clock.at
        for pair in pairs:
            (candles,) = await bench.ask(pair, count=count, until=until)
            fetched = [bench.market.known(*pair, until, count, at=at) for at in moments(bench, pair[1])]
            assert candles.time.tolist() in [one.time.tolist() for one in fetched]
            assert candles.frame.equals(made(*pair, candles.time.tolist()).frame)


def moments(bench, timeframe):
    """Now, fifteen seconds ago, and every time in between at which another candle was known."""
    now, earliest = bench.clock.at, bench.clock.at - 15 * SECOND
    opened = timeframe.floor(earliest - timeframe.duration - MINUTE)
    known = []
    while opened + timeframe.duration <= now:
        known.append(opened + timeframe.duration + bench.market.delays.get(opened, 0 * SECOND))
        opened += timeframe.duration
    return [earliest, now, *(at for at in known if earliest < at < now)]
