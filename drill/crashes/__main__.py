"""Runs the crash drill: `python -m drill.crashes [--venues …] [--databases …] [--random 200] [--seed S]`."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from drill.crashes.databases import POSTGRESQL, SQLITE
from drill.crashes.fleet import VENUES
from drill.crashes.matrix import Cell, Shot, Venture, at_each, databases
from drill.crashes.points import MEANINGS
from drill.crashes.telling import LEGEND, controls, figures, findings, name_of, places, summary, table
from drill.crashes.verdicts import Mark

_WITHOUT_IDS = ("CP7", "CP8")
"""Where a desk that draws its ids sends a second order."""

_MOST_DRAWN = 3
"""How many times as many moments are drawn as deaths are wanted, at the most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Drill, print what was found, and return 1 where something is wrong."""
    asked = _parser().parse_args(arguments)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="desk-crashes-"))
    with databases(asked.databases, folder / "databases") as kinds:
        found = at_each(asked.venues, kinds, folder, lambda venture: _drill(venture, asked), at_once=asked.at_once)
    for line in _told(found, asked.seed):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")
    is_well = all(one.is_well for one in found)
    if is_well:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.stdout.write(f"journals, ledgers and what the processes said: {folder}\n")
    return 0 if is_well else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m drill.crashes", description=__doc__)
    parser.add_argument("--venues", nargs="+", choices=sorted(VENUES), default=list(VENUES))
    parser.add_argument("--databases", nargs="+", choices=(SQLITE, POSTGRESQL), default=[SQLITE, POSTGRESQL])
    parser.add_argument("--points", nargs="*", choices=tuple(MEANINGS), default=list(MEANINGS))
    parser.add_argument("--random", type=int, default=200, help="how many deaths at random moments, in all")
    parser.add_argument("--seed", type=int, default=1, help="chooses the moments; the same seed draws the same ones")
    parser.add_argument("--at-once", type=int, default=3, help="how many venues are drilled side by side")
    return parser


def _drill(venture: Venture, asked: argparse.Namespace) -> Sequence[Cell | Shot]:
    """Do all that is asked of one venue, and say so as it goes on; deaths at random moments go round the venues."""
    forgetful = [code for code in _WITHOUT_IDS if code in asked.points]
    turn = asked.venues.index(venture.venue.name)
    steps: Iterator[Cell | Shot] = chain(
        (venture.cell(code, database) for database in venture.databases for code in asked.points),
        (venture.cell(code, next(iter(venture.databases)), forgets_ids=True) for code in forgetful),
        _shots(venture, asked, turn),
    )
    found: list[Cell | Shot] = []
    for one in steps:
        found.append(one)
        sys.stderr.write(f"{name_of(one)}: {one.verdict.mark}\n")
    return found


def _shots(venture: Venture, asked: argparse.Namespace, turn: int) -> Iterator[Shot]:
    """Go on until as many have died as are the venue's share: some have ended before their time comes."""
    turns = len(asked.venues)
    wanted = len(range(turn, asked.random, turns))
    for number in range(turn, _MOST_DRAWN * asked.random, turns):
        if not wanted:
            return
        shot = venture.shot(number, asked.seed)
        wanted -= shot.verdict.mark is not Mark.ALIVE
        yield shot


def _told(found: Sequence[Cell | Shot], seed: int) -> Iterator[str]:
    cells = [one for one in found if isinstance(one, Cell) and not one.forgets_ids]
    forgetful = [one for one in found if isinstance(one, Cell) and one.forgets_ids]
    shots = sorted((one for one in found if isinstance(one, Shot)), key=lambda one: one.number)
    if cells:
        yield from ("Deaths at chosen calls", "", *table(cells), "", LEGEND, "", summary(cells), "")
        yield from ("Where each process was ended", "", *places(cells), "")
    if forgetful:
        yield from ("Control: the same with ids that are drawn has to show duplicates", "", *controls(forgetful), "")
    if shots:
        yield from (f"Deaths at random moments, seed {seed}", "", *figures(shots), "")
    wrong = list(findings([*cells, *shots]))
    yield from ("Findings", "", *(wrong or ["none"]), "")


if __name__ == "__main__":
    sys.exit(main())
