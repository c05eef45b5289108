"""One run of the story: a process lives it, dies where it should, and others take up what it has left behind."""

import asyncio
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from drill.crashes.books import ledger_books, paper_books, simulated_books
from drill.crashes.databases import Databases
from drill.crashes.fleet import STEADY, STEPS, SUMMIT, Venue, keys, write_fleet
from drill.crashes.forking import AS_USUAL, KILLED, Desk, Mortal, Order, start_mortal, steering
from drill.crashes.market import SteppedMarket
from drill.crashes.staging import BEGUN, ENDED
from drill.crashes.states import State
from drill.crashes.story import STORY
from simulator.server import Plan, simulated

_BEFORE = timedelta(hours=1)
"""How long before the first part the simulated venues open."""

_HELD_FOR = 60.0
"""Seconds for which a reply is held; whoever waits for it is dead by then."""

_GLANCE = 0.002
_LOG = "mortal.log"


@dataclass(frozen=True, slots=True)
class Held:
    """A request whose reply is held until its sender is dead: the first that matches, after `skip` others.

    Attributes:
        path: a regular expression.
    """

    path: str
    skip: int = 0
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a process is ended.

    Attributes:
        after, before: a line of the journal; see `Order`.
        seconds: after the start of the process.
    """

    after: str = ""
    before: str = ""
    held: Held | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a story.

    Attributes:
        deaths: for each process that was killed, the last line that it wrote.
        failure: what kept the story from its end; empty where it came to it.
        state: at the end.
        journal: every line of every process.
        recovery: seconds that the process after the last death took for the part that was under way, from its start.
    """

    deaths: Sequence[str]
    failure: str
    state: State
    journal: Sequence[str]
    recovery: float = 0.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What all stories share: the simulated venues, the process that forks, and a folder.

    Attributes:
        admin: of the simulator.
        parts: how many parts of the story are lived.
    """

    folder: Path
    admin: httpx.Client
    mortal: Mortal
    parts: int = len(STORY)
    numbers: Iterator[int] = field(default_factory=count)

    def tell(self, venue: Venue, databases: Databases, *kills: Kill, desk: Desk = AS_USUAL) -> Ending:
        """Let a new account at a venue live the story, with a death for each of `kills`."""
        self.admin.post("/reset", json={}).raise_for_status()
        with databases.fresh() as ledger_url:
            return _Telling(self, venue, ledger_url, desk).through(kills)


@contextmanager
def ground(folder: Path, venues: Sequence[Venue], *, parts: int = len(STORY)) -> Iterator[Ground]:
    """Open the simulated venues and start the process that forks, until the context is left."""
    market = SteppedMarket(SUMMIT, STEPS, steady=STEADY)
    wires = sorted({venue.wire for venue in venues})
    with simulated(Plan(venues=wires, start=SUMMIT - _BEFORE, feed=market)) as addresses:
        config = write_fleet(folder / "config", addresses)
        with (
            start_mortal(folder, _environment(folder, config)) as mortal,
            steering(addresses.admin) as admin,
        ):
            yield Ground(folder, admin, mortal, parts)


def _environment(folder: Path, config: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DESK_"))}
    return {
        **kept,
        **keys(),
        "DESK_HOME": str(folder),
        "DESK_CONFIG": str(config),
        "DESK_NOTIFY_URLS": "[]",
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }


class _Telling:
    """A story that is being lived."""

    def __init__(self, ground: Ground, venue: Venue, ledger_url: str, desk: Desk) -> None:
        self._ground = ground
        self._venue = venue
        self._ledger_url = ledger_url
        self._name = f"run-{next(ground.numbers)}"
        self._journal = ground.folder / f"{self._name}.journal"
        self._order = Order(
            account=venue.name,
            admin=str(ground.admin.base_url),
            journal=str(self._journal),
            environment={"DESK_DATABASE_URL": ledger_url},
            end=ground.parts,
            desk=desk,
        )

    def through(self, kills: Sequence[Kill]) -> Ending:
        """Live it; each process that dies is followed by another one."""
        deaths: list[str] = []
        code, first = 0, 0
        for attempt, kill in enumerate((*kills, Kill()), start=1):
            begun = len(self._lines())
            code = self._live(replace(self._order, first=first, attempt=attempt), kill)
            if code != KILLED:
                break
            deaths.append(self._lines()[-1] if self._lines() else "")
            first = self._part()
        lines = self._lines()
        failure = "" if code == 0 else f"a process ended with {code} after '{lines[-1]}'; see {_LOG}"
        return Ending(deaths, failure, asyncio.run(self._state()), lines, _recovery(lines[begun:]) if deaths else 0.0)

    def _live(self, order: Order, kill: Kill) -> int:
        order = replace(order, after=kill.after, before=kill.before, dies_after_seconds=kill.seconds)
        if kill.held is None:
            return self._ground.mortal.carry_out(order)
        signs = self._ground.folder / f"{self._name}.held"
        with self._holding(kill.held, signs):
            return self._ground.mortal.carry_out(replace(order, dies_when=str(signs)))

    @contextmanager
    def _holding(self, request: Held, signs: Path) -> Iterator[None]:
        """Hold the reply to a request that the venue has carried out, and make the file once it is held."""
        delay = {"place": "after", "kind": "delay", "seconds": _HELD_FOR, "venue": self._venue.wire}
        faults = self._ground.admin
        faults.post("/faults", json=[{**delay, **asdict(request)}]).raise_for_status()
        over = threading.Event()
        watcher = threading.Thread(target=self._await_strike, args=(signs, over))
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            faults.delete("/faults")

    def _await_strike(self, signs: Path, over: threading.Event) -> None:
        while not over.wait(_GLANCE):
            [fault] = self._ground.admin.get("/faults").json()["faults"]
            if fault["struck"]:
                signs.touch()
                return

    def _lines(self) -> list[str]:
        return self._journal.read_text().splitlines() if self._journal.exists() else []

    def _part(self) -> int:
        """Return the number of the part that was under way last; one that had ended is not begun again."""
        told = [line.partition(": ") for line in self._lines()]
        begun = [name for name, _, what in told if what == BEGUN]
        ended = [name for name, _, what in told if what.startswith(ENDED)]
        names = [part.name for part in STORY]
        if not begun:
            return 0
        number = names.index(begun[-1])
        return number + 1 if begun[-1] in ended else number

    async def _state(self) -> State:
        name, database = self._venue.name, Database.open(self._ledger_url)
        try:
            digest = await Ledger(database).digest([name])
            venue = await paper_books(database, name) if self._venue.is_paper else simulated_books(self._truth())
            return State(await ledger_books(database, name, digest), venue)
        finally:
            await database.close()

    def _truth(self) -> Mapping[str, Any]:
        told = self._ground.admin.get("/truth", params={"venue": self._venue.wire}).raise_for_status().json()
        [account] = told["accounts"]
        return dict(account)


def _recovery(lines: Sequence[str]) -> float:
    """Return how long the first part took that ends in these lines."""
    ends = [line.rpartition(" ")[2] for line in lines if f": {ENDED}" in line]
    return float(ends[0]) if ends else 0.0
