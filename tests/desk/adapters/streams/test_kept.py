"""Streams that are kept: opened once for each origin, and closed with whoever keeps them."""

import asyncio
from datetime import timedelta

import pytest

from desk.adapters.clocks import SystemClock
from desk.adapters.streams.kept import KeptStreams
from desk.adapters.streams.supervised import SupervisedStream


class Endless:
    """A source that never says anything."""

    async def messages(self):
        await asyncio.Event().wait()
        yield


def stream() -> SupervisedStream:
    return SupervisedStream("prices", Endless(), [], clock=SystemClock(), quiet_after=timedelta(minutes=1))


@pytest.fixture
async def kept():
    streams = KeptStreams()
    yield streams
    await streams.close()


def running() -> list[asyncio.Task]:
    return [task for task in asyncio.all_tasks() if task.get_name() == "prices" and not task.cancelling()]


async def test_a_stream_of_the_same_origin_is_made_once(kept):
    made, origin = [], object()
    for _ in range(3):
        kept.keep("prices", origin, lambda: made.append(1) or stream())
    assert (len(made), len(set(running()))) == (1, 1)


async def test_a_stream_from_elsewhere_takes_the_place_of_the_first(kept):
    kept.keep("prices", object(), stream)
    await asyncio.sleep(0)
    (first,) = {task for task in asyncio.all_tasks() if task.get_coro().__name__ == "_keep"}
    kept.keep("prices", object(), stream)
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    assert len([task for task in asyncio.all_tasks() if task.get_coro().__name__ == "_keep"]) == 1


async def test_what_has_no_stream_is_not_asked_for_one_again(kept):
    asked, origin = [], object()
    for _ in range(2):
        kept.keep("prices", origin, lambda: asked.append(1))
    assert len(asked) == 1
