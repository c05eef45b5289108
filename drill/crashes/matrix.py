"""All points at venues and databases, and deaths at random moments: who is drilled, and in what order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from drill.crashes.databases import POSTGRESQL, SQLITE, Databases, SqliteFiles, postgres
from drill.crashes.drilling import Ending, Ground, Kill, ground
from drill.crashes.fleet import VENUES, Venue
from drill.crashes.forking import AS_USUAL, Desk
from drill.crashes.points import points_of
from drill.crashes.staging import BEGUN, ENDED
from drill.crashes.verdicts import Mark, Verdict, judge

T = TypeVar("T")

_SCANS = ("entry", "hold")
_LONG = 1.0
"""Seconds within which a process dies where nobody has seen it come to an end."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One story: a point at a venue on a database.

    Attributes:
        forgets_ids: whether orders left under ids that were drawn: the control, which has to go wrong.
    """

    code: str
    venue: str
    database: str
    where: str
    verdict: Verdict
    forgets_ids: bool = False

    @property
    def is_well(self) -> bool:
        """Whether it ended as it must: well, or, without ids, badly."""
        return self.verdict.is_well != self.forgets_ids


@dataclass(frozen=True, slots=True)
class Shot:
    """One death at a random moment.

    Attributes:
        where: what was drawn.
        is_inside: whether a scan was under way.
    """

    number: int
    venue: str
    database: str
    where: str
    is_inside: bool
    verdict: Verdict

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong at the end; a process that had ended before its time came is well too."""
        return self.verdict.is_well or (self.verdict.mark is Mark.ALIVE and not self.verdict.findings)


@dataclass
class Venture:
    """One venue with the ground that it is drilled on, and its stories without a death."""

    venue: Venue
    ground: Ground
    databases: Mapping[str, Databases]
    _undisturbed: dict[tuple[str, Desk], Ending] = field(default_factory=dict)

    def undisturbed(self, database: str, desk: Desk = AS_USUAL) -> Ending:
        """Return the story without a death; it is lived once."""
        if (database, desk) not in self._undisturbed:
            self._undisturbed[database, desk] = self.ground.tell(self.venue, self.databases[database], desk=desk)
        return self._undisturbed[database, desk]

    def cell(self, code: str, database: str, *, forgets_ids: bool = False) -> Cell:
        """Live the story with a death at a point."""
        point = points_of(self.venue)[code]
        desk = Desk(forgets_ids=True) if forgets_ids else point.desk
        ending = self.ground.tell(self.venue, self.databases[database], point.kill, desk=desk)
        verdict = judge(self.venue, ending, self.undisturbed(database, point.desk))
        return Cell(code, self.venue.name, database, point.where, verdict, forgets_ids=forgets_ids)

    def shot(self, number: int, seed: int) -> Shot:
        """Live the story with a death at a moment that the seed and the number choose."""
        chance = Random(f"{seed} {number}")  # noqa: S311 - repeatable on purpose, nothing secret
        database = chance.choice(sorted(self.databases))
        undisturbed = self.undisturbed(database)
        kill, where = drawn(chance, undisturbed.journal)
        ending = self.ground.tell(self.venue, self.databases[database], kill)
        verdict = judge(self.venue, ending, undisturbed)
        return Shot(number, self.venue.name, database, where, is_inside=is_inside(verdict.died), verdict=verdict)


def drawn(chance: Random, journal: Sequence[str]) -> tuple[Kill, str]:
    """Draw a call, or a time, and return it in words too; every other time it is in the scan that enters.

    Args:
        chance: a seeded one.
        journal: of the story without a death.
    """
    scene = "entry: " if chance.random() < 0.5 else ""
    lines = [line for line in journal if line.startswith(scene)]
    if chance.random() < 0.5:
        call = chance.choice([line for line in lines if BEGUN not in line and ENDED not in line])
        kill = chance.choice([Kill(after=call), Kill(before=call)])
        return kill, f"after {kill.after}" if kill.after else f"before {kill.before}"
    longest = max((float(line.rpartition(" ")[2]) for line in lines if ENDED in line), default=_LONG)
    microseconds = chance.randrange(int(longest * 1e6))
    return Kill(seconds=microseconds / 1e6), f"{microseconds:,} µs after its start"


def is_inside(died: str) -> bool:
    """Return whether a scan was under way when a process died that had written this last."""
    scene, _, what = died.partition(": ")
    return scene in _SCANS and not what.startswith(ENDED)


@contextmanager
def databases(names: Sequence[str], folder: Path) -> Iterator[Mapping[str, Databases]]:
    """Give databases of every kind that is named."""
    folder.mkdir()
    files = {SQLITE: SqliteFiles(folder)} if SQLITE in names else {}
    if POSTGRESQL not in names:
        yield files
        return
    with postgres() as server:
        yield {**files, POSTGRESQL: server}


def at_each(
    names: Sequence[str],
    kinds: Mapping[str, Databases],
    folder: Path,
    drill: Callable[[Venture], Sequence[T]],
    *,
    at_once: int,
) -> list[T]:
    """Drill several venues side by side, each on its own ground; what was found comes in the order of the names."""

    def one(name: str) -> Sequence[T]:
        (folder / name).mkdir()
        with ground(folder / name, [VENUES[name]]) as opened:
            return drill(Venture(VENUES[name], opened, kinds))

    with ThreadPoolExecutor(at_once) as threads:
        return [found for part in threads.map(one, names) for found in part]
