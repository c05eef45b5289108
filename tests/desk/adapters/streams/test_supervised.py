"""A stream is kept open, and every change of its state is told once."""

import asyncio
from datetime import timedelta

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.streams.backoff import Backoff
from desk.adapters.streams.events import StreamGap
from desk.adapters.streams.supervised import StreamState, SupervisedStream
from desk.errors import AccessDenied, VenueUnavailable
from tests.desk.adapters.streams.fakes import AT, AT_ONCE, BEAT, Memory, WrittenSource

BROKEN = VenueUnavailable("oanda", "stream of prices", "503", "closed for lunch")
GAP = StreamGap("oanda", "stream of prices", "GAP", "expected 2, found 4")
SHORT = timedelta(milliseconds=20)
LONG = timedelta(seconds=30)


@pytest.fixture
def memory() -> Memory:
    return Memory()


def stream(source, memory, **more) -> SupervisedStream:
    settings = {"clock": FixedClock(AT), "quiet_after": LONG, "backoff": AT_ONCE, **more}
    return SupervisedStream("prices of one", source, [memory], **settings)


async def test_a_stream_is_live_from_its_first_message_and_closed_in_the_end(memory):
    source = WrittenSource([BEAT, BEAT])
    async with stream(source, memory) as prices:
        assert prices.status.state is StreamState.CONNECTING
        assert await memory.until(4) == ["live", "missed", BEAT, BEAT]
        assert (prices.status.state, prices.status.since) == (StreamState.LIVE, AT)
    assert memory.log[4:] == ["closed"]
    assert (source.opened, source.closed) == (1, 1)


async def test_a_stream_that_breaks_is_opened_again_and_what_may_have_been_missed_is_told(memory):
    async with stream(WrittenSource([BEAT, BROKEN], [BEAT]), memory):
        assert await memory.until(7) == ["live", "missed", BEAT, "broken", "live", "missed", BEAT]
    assert memory.statuses[1].reason == str(BROKEN)


async def test_a_stream_that_the_venue_ends_is_opened_again(memory):
    async with stream(WrittenSource([BEAT, None], [BEAT]), memory):
        assert await memory.until(5) == ["live", "missed", BEAT, "broken", "live"]
    assert memory.statuses[1].reason == "the venue ended it"


async def test_a_silent_stream_is_quiet_and_opened_again(memory):
    source = WrittenSource([BEAT], [BEAT])
    async with stream(source, memory, quiet_after=SHORT):
        assert await memory.until(5) == ["live", "missed", BEAT, "quiet", "live"]
        assert (source.opened, source.closed) == (2, 1)
    assert memory.statuses[1].reason == "nothing came for 0.02 s"


async def test_a_stream_that_never_says_anything_is_quiet_too(memory):
    async with stream(WrittenSource(), memory, quiet_after=SHORT):
        assert await memory.until(1) == ["quiet"]


async def test_every_sign_of_life_puts_the_quiet_off(memory):
    class Slow(WrittenSource):
        async def messages(self):
            for _ in range(6):
                await asyncio.sleep(0.05)
                yield BEAT
            await asyncio.Event().wait()

    async with stream(Slow(), memory, quiet_after=timedelta(milliseconds=200)):
        assert await memory.until(9) == ["live", "missed", *[BEAT] * 6, "quiet"]


async def test_a_state_that_lasts_is_told_once(memory):
    source = WrittenSource(*[[BROKEN]] * 20, [BEAT])
    async with stream(source, memory):
        assert await memory.until(4) == ["broken", "live", "missed", BEAT]
    assert source.opened == 21


async def test_a_gap_is_told_at_once_and_the_stream_is_opened_again(memory):
    async with stream(WrittenSource([BEAT, GAP], [BEAT]), memory):
        log = await memory.until(8)
    assert log == ["live", "missed", BEAT, "broken", "missed", "live", "missed", BEAT]


async def test_credentials_that_are_refused_do_not_end_the_supervision(memory):
    async with stream(WrittenSource([AccessDenied("oanda", "stream of prices", "401", "no")], [BEAT]), memory):
        assert await memory.until(2) == ["broken", "live"]


async def test_pauses_grow_until_a_connection_has_lived_for_a_good_while(memory):
    pauses, patience = [], Backoff(first_pause=timedelta(seconds=1), good_while=timedelta(seconds=9), jitter=lambda: 1)
    enough = asyncio.Event()
    lives = [timedelta(seconds=seconds) for seconds in (0, 0, 8, 9, 0, 0)]

    class Clock:
        at = AT

        def now(self):
            return self.at

    class Aging(WrittenSource):
        async def messages(self):
            Clock.at += lives[self.opened]
            async for one in super().messages():
                yield one

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            enough.set()
            await asyncio.Event().wait()

    async with stream(Aging(*[[BROKEN]] * 6), memory, clock=Clock(), backoff=patience, sleep=sleep):
        await enough.wait()
    assert pauses == [1, 2, 4, 1, 2]


async def test_a_mistake_in_a_listener_breaks_the_stream_and_comes_to_light_when_it_is_closed(memory):
    class Wrong(Memory):
        def heard(self, event):
            raise LookupError("no such instrument")

    source, listeners = WrittenSource([BEAT]), [memory, Wrong()]
    with pytest.raises(LookupError, match="no such instrument"):
        async with SupervisedStream("prices of one", source, listeners, clock=FixedClock(AT), quiet_after=LONG):
            await memory.until(4)
    assert memory.log == ["live", "missed", BEAT, "broken"]
    assert source.closed == 1
    assert memory.statuses[-1].reason == "LookupError: no such instrument"


async def test_no_task_and_no_connection_is_left_after_closing(memory):
    before = asyncio.all_tasks()
    source = WrittenSource([BEAT, BROKEN], [BEAT])
    async with stream(source, memory):
        await memory.until(7)
    assert asyncio.all_tasks() == before
    assert source.opened == source.closed == 2


def test_a_status_reads_as_a_sentence(memory):
    status = stream(WrittenSource(), memory).status
    assert str(status) == "prices of one connecting since 2026-01-14 15:00:00 UTC"
