"""Quotes come from a live stream as far as they are fresh, and from the feed behind it otherwise."""

from datetime import timedelta

import pytest

from desk.adapters.streams.quotes import AHEAD, FRESH_FOR, StreamedQuotes
from desk.adapters.streams.supervised import StreamState, StreamStatus
from desk.model.timeframe import Timeframe
from tests.builders import candles, quote
from tests.desk.adapters.streams.fakes import AT, BEAT

EURO, YEN, UNKNOWN = "EUR/USD", "USD/JPY", "GBP/USD"


class AskedFeed:
    """Knows every instrument and remembers what it was asked."""

    base_timeframe = Timeframe.M1

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def instruments(self):
        return {}

    async def candles(self, instrument, timeframe, *, until, count):
        return candles([1.1] * count, timeframe=timeframe, closed_at=until)

    async def quotes(self, instruments, *, at):
        self.asked.append(list(instruments))
        return {name: quote(name, at=at) for name in instruments if name != UNKNOWN}


def status(state: StreamState) -> StreamStatus:
    return StreamStatus("prices of one", state, AT)


@pytest.fixture
def inner() -> AskedFeed:
    return AskedFeed()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def feed(inner, said) -> StreamedQuotes:
    """Live, with a quote for one instrument."""
    feed = StreamedQuotes(inner, say=said.append)
    feed.turned(status(StreamState.LIVE))
    feed.heard(quote(EURO, at=AT))
    return feed


async def test_a_fresh_quote_of_a_live_stream_needs_no_question(feed, inner):
    assert await feed.quotes([EURO], at=AT) == {EURO: quote(EURO, at=AT)}
    assert inner.asked == []


async def test_only_what_is_missing_is_asked_for(feed, inner):
    assert set(await feed.quotes([EURO, YEN, UNKNOWN], at=AT)) == {EURO, YEN}
    assert inner.asked == [[YEN, UNKNOWN]]


async def test_an_old_quote_is_asked_for_again(feed, inner):
    await feed.quotes([EURO], at=AT + FRESH_FOR)
    assert inner.asked == []
    await feed.quotes([EURO], at=AT + FRESH_FOR + timedelta(microseconds=1))
    assert inner.asked == [[EURO]]


@pytest.mark.parametrize("state", [StreamState.QUIET, StreamState.BROKEN, StreamState.CLOSED])
async def test_a_stream_that_is_not_live_is_not_believed(feed, inner, state):
    feed.turned(status(state))
    await feed.quotes([EURO], at=AT)
    assert inner.asked == [[EURO]]


async def test_what_was_said_before_a_break_is_not_believed_after_it(feed, inner):
    feed.turned(status(StreamState.BROKEN))
    feed.turned(status(StreamState.LIVE))
    feed.missed()
    await feed.quotes([EURO], at=AT)
    assert inner.asked == [[EURO]]


async def test_a_quote_that_comes_late_does_not_replace_a_newer_one(feed):
    feed.heard(quote(EURO, at=AT - timedelta(seconds=1), tradable=False))
    assert (await feed.quotes([EURO], at=AT))[EURO].at == AT
    feed.heard(quote(EURO, at=AT, tradable=False))
    assert not (await feed.quotes([EURO], at=AT))[EURO].tradable


async def test_a_heartbeat_is_no_quote(feed, inner):
    feed.heard(BEAT)
    await feed.quotes([EURO], at=AT)
    assert inner.asked == []


async def test_candles_and_instruments_are_the_inner_feeds(feed):
    assert feed.base_timeframe is Timeframe.M1
    assert await feed.instruments() == {}
    assert len(await feed.candles(EURO, Timeframe.M5, until=AT, count=3)) == 3


def test_each_change_is_said_once_and_closing_is_none(feed, said):
    feed.turned(StreamStatus("prices of one", StreamState.QUIET, AT, "nothing came for 12 s"))
    feed.turned(status(StreamState.CLOSED))
    assert said == [
        "prices of one live since 2026-01-14 15:00:00 UTC: quotes come from it",
        "prices of one quiet since 2026-01-14 15:00:00 UTC (nothing came for 12 s): quotes are asked for",
    ]


async def test_a_quote_from_the_future_is_asked_for_again(feed, inner):
    feed.heard(quote(EURO, at=AT + timedelta(hours=1)))
    for minutes in (0, 30, 59):
        await feed.quotes([EURO], at=AT + timedelta(minutes=minutes))
    assert inner.asked == [[EURO]] * 3


async def test_a_venue_whose_clock_is_a_little_ahead_is_believed(feed, inner):
    feed.heard(quote(EURO, at=AT + AHEAD))
    assert (await feed.quotes([EURO], at=AT))[EURO].at == AT + AHEAD
    assert inner.asked == []


async def test_a_quote_from_the_future_does_not_keep_those_of_now_out(feed, inner):
    feed.heard(quote(EURO, at=AT + timedelta(hours=1)))
    feed.heard(quote(EURO, at=AT))
    assert (await feed.quotes([EURO], at=AT))[EURO].at == AT
    assert inner.asked == []
