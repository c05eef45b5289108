"""Mishaps inside the desk: it dies, sleeps, runs twice, cannot write, or is halted, at a moment that chance chooses."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from threading import Event, Thread

from sqlalchemy import make_url

from desk.errors import LedgerError
from desk.model.books import TradingState
from drill.interrupting import Plan
from drill.mishaps import End, Mishaps, Scene
from drill.process import LEASE_FOR, newest_close
from drill.testimony import sent_entries
from drill.wires import pass_time

_MOMENTS = 45
"""About as many moments as a scan that sends has."""

_BEFORE_SENDING = frozenset({"before start_sending", "after store_intents", "before store_intents"})
"""Where a process may sleep: one that sleeps between this and sending cannot be stopped by any lease."""

_AROUND_SENDING = frozenset(
    ("after start_sending", "before POST", "after POST", "before PUT", "after PUT", "before record_order")
)
"""Where it matters most when a process dies."""

_WRITES = frozenset(
    f"before {name}" for name in ("record_order", "book_fills", "store_intents", "start_sending", "record_outcome")
)
_BUSY = 0.03
"""Real seconds for which somebody else writes."""


async def _killed(scene: Scene) -> End:
    return _planned(scene, Plan(scene.chance.randrange(_MOMENTS), _dying(scene)))


async def _killed_while_sending(scene: Scene) -> End:
    return _planned(scene, Plan(scene.chance.randrange(6), _dying(scene), _AROUND_SENDING))


def _dying(scene: Scene) -> Callable[[str], Awaitable[None]]:
    async def die(step: str) -> None:
        scene.hits.note("F13", step)
        await scene.process.moments.die()

    return die


async def _second_run(scene: Scene) -> End:
    """Another run of the same candle begins in the middle, and gets nowhere."""

    async def run(step: str) -> None:
        scene.hits.note("F12", step)
        await _by_a_rival(scene)

    return _planned(scene, Plan(scene.chance.randrange(_MOMENTS), run))


async def _asleep(scene: Scene) -> End:
    """The machine sleeps until the lease is over, and another process does the work."""

    async def sleep(step: str) -> None:
        scene.hits.note("F14", step)
        begun = scene.clock.now()
        await pass_time(scene.clock, (LEASE_FOR + timedelta(seconds=1)).total_seconds())
        scene.asleep.append((begun, scene.clock.now()))
        await _by_a_rival(scene)

    return _planned(scene, Plan(scene.chance.randrange(3), sleep, _BEFORE_SENDING))


async def _by_a_rival(scene: Scene) -> None:
    rival = scene.rival()
    try:
        await rival.scan(scene.seat, newest_close(scene.seat, scene.clock.now()))
        await rival.watch(scene.seat)
    finally:
        await rival.close()


async def _locked(scene: Scene) -> End:
    """A write of the ledger fails for good: nothing may be sent after it, and nothing that was may be forgotten."""

    async def fail(step: str) -> None:
        scene.hits.note("F35", step)
        raise LedgerError("the drill: another process kept the database busy; run again")

    return _planned(scene, Plan(scene.chance.randrange(6), fail, _WRITES))


async def _busy(scene: Scene) -> End:
    """Somebody else writes for a moment while the process wants to."""
    url = make_url(scene.process.ledger.database.url)

    async def occupy(step: str) -> None:
        if scene.process.ledger.database.is_sqlite:
            scene.hits.note("F35", step)
            await asyncio.to_thread(_occupy, str(url.database))

    return _planned(scene, Plan(scene.chance.randrange(6), occupy, _WRITES))


def _occupy(path: str) -> None:
    begun = Event()
    Thread(target=_write_for_a_moment, args=(path, begun), daemon=True).start()
    begun.wait()


def _write_for_a_moment(path: str, begun: Event) -> None:
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("BEGIN IMMEDIATE")
        begun.set()
        Event().wait(_BUSY)
        connection.rollback()
    finally:
        begun.set()
        connection.close()


async def _halted(scene: Scene) -> End:
    """The account is halted in the middle; what leaves afterwards and opens something is a violation."""
    ledger, name = scene.process.ledger, f"account:{scene.seat.name}"
    before: list[frozenset[str]] = []

    async def halt(step: str) -> None:
        scene.hits.note("F46", step)
        await ledger.set_trading_state(name, TradingState.HALTED, who="drill", why="pressed in the middle")
        before.append(await sent_entries(ledger.database, scene.seat.name))

    undo = _planned(scene, Plan(scene.chance.randrange(_MOMENTS), halt))

    async def end() -> None:
        await undo()
        if before:
            scene.halted.extend(await sent_entries(ledger.database, scene.seat.name) - before[0])
            await ledger.set_trading_state(name, TradingState.ACTIVE, who="drill", why="the drill goes on")

    return end


def _planned(scene: Scene, plan: Plan) -> End:
    scene.process.moments.plan = plan

    async def end() -> None:
        scene.process.moments.plan = None

    return end


IN_THE_PROCESS: Mishaps = {
    "F12": (_second_run,),
    "F13": (_killed, _killed_while_sending),
    "F14": (_asleep,),
    "F35": (_locked, _busy),
    "F46": (_halted,),
}
