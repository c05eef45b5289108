"""Each venue's wire against ccxt: a request signed and built, 1,500 candles read, an order sent."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from benchmarks.contests import Traders

REPETITIONS = 300
ORDERS = 30
PARSING = 3.0
# Two runs of the very same code differ by so much.
NOISE = 1.05
# The simulator limits calls as the venues do, and an order is two of them.
PAUSE = 0.1


def measure() -> Iterator[Figure]:
    """Give our time and ccxt's at every venue that ccxt has, in turn, on the same simulator: orders as medians."""
    if find_spec("ccxt") is None:
        yield Figure("venues against ccxt", "not measured", "ccxt is not installed: pip install 'scandesk[ccxt]'")
        return
    # Late: they import ccxt, which takes a second.
    from benchmarks.contests import contests

    with _simulator(tuple(contests())) as addresses:
        for name, enter in contests().items():
            contest = enter(addresses)
            yield _compared(f"{name}: sign and build an order", contest.sign, at_least=1.0)
            yield _compared(f"{name}: read 1,500 candles into a frame", contest.parse, at_least=PARSING)
            yield asyncio.run(_round_trip(name, contest.trade))


@contextmanager
def _simulator(venues: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Run the venues in a process of their own: threads of one would wait for each other, now and then for 5 ms."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, venues), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("end")
        process.join()


def _serve(told: Connection, venues: Sequence[str]) -> None:
    from simulator.server import Plan, simulated

    with simulated(Plan(venues=venues)) as addresses:
        told.send(dict(addresses.venues))
        told.recv()


def _compared(what: str, works: Sequence[Callable[[], object]], *, at_least: float) -> Figure:
    ours, theirs = _in_turn(works)
    return _figure(what, ours, theirs, "ccxt", at_least)


def _in_turn(works: Sequence[Callable[[], object]]) -> list[float]:
    times: list[list[float]] = [[] for _ in works]
    for repetition in range(REPETITIONS + 10):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            if repetition >= 10:
                times[place].append(time.perf_counter() - started)
    # The fastest of many: whatever else the machine does only adds, and adds more to the shorter work.
    return [min(one) for one in times]


async def _round_trip(name: str, enter: Callable[[], Awaitable["Traders"]]) -> Figure:
    traders = await enter()
    times: dict[str, list[float]] = {label: [] for label in traders.send}
    try:
        for number in range(ORDERS + 3):
            for label, send in traders.send.items():
                started = time.perf_counter()
                await send(number)
                if number >= 3:
                    times[label].append(time.perf_counter() - started)
                await asyncio.sleep(PAUSE)
    finally:
        await traders.close()
    medians = {label: statistics.median(one) for label, one in times.items()}
    ours = medians.pop("ours")
    label = min(medians, key=lambda one: medians[one])
    return _figure(f"{name}: an order sent, {traders.requests}", ours, medians[label], label, 1.0)


def _figure(what: str, ours: float, theirs: float, label: str, at_least: float) -> Figure:
    ratio = theirs / ours
    return Figure(
        what,
        f"{_told(ours)}, {ratio:.2f} x as fast",
        f"{label}: {_told(theirs)}",
        f"at least {at_least:g} x as fast",
        ratio * NOISE >= at_least if at_least == 1 else ratio >= at_least,
    )


def _told(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms" if seconds >= 0.001 else f"{seconds * 1_000_000:.0f} us"
