"""Tells what a crash drill has found: the table of points, and the figures of the deaths at random moments. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import quantiles

from drill.crashes.matrix import Cell, Shot
from drill.crashes.points import MEANINGS
from drill.crashes.verdicts import Mark

LEGEND = """\
ok       venue and ledger are as without the death: every order, fill, position, trade, verdict, the cash, the stops
ok*      the same, but for the names and the number of the orders that protect positions: the process that was to place
         or to move a stop died, and the watch of the next one placed its own; level and quantity are equal
DIFFERS  something else is different, and told below
FAILED   a process ended with an error
ALIVE    no process died: the call was not made
Not compared: times (a stop that is placed by the next watch is placed later), ids of runs and of venues."""


_UNREACHED = "no process died; the point was not reached"


def table(cells: Sequence[Cell]) -> Iterator[str]:
    """Give the table, line by line."""
    columns = list(dict.fromkeys((cell.venue, cell.database) for cell in cells))
    found = {(cell.code, cell.venue, cell.database): cell for cell in cells}
    rows = [["", "", *(venue for venue, _ in columns)], ["", "", *(database for _, database in columns)]]
    for code, meaning in MEANINGS.items():
        marks = [found.get((code, *column)) for column in columns]
        if any(marks):
            rows.append([code, meaning, *("" if cell is None else cell.verdict.mark for cell in marks)])
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def places(cells: Sequence[Cell]) -> Iterator[str]:
    """Give, for each point and venue, where the process was ended and what it had written last."""
    told = {(cell.code, cell.venue): f"{cell.where} (last: {cell.verdict.died})" for cell in cells}
    for code in MEANINGS:
        for (of, venue), place in told.items():
            if of == code:
                yield f"{code:5} {venue:15} {place}"


def findings(drilled: Sequence[Cell | Shot]) -> Iterator[str]:
    """Give what is wrong, a line each."""
    for one in drilled:
        for finding in () if one.is_well else one.verdict.findings or [_UNREACHED]:
            yield f"{name_of(one)}, {one.where}: {finding}"


def name_of(one: Cell | Shot) -> str:
    """Return which run it was."""
    if isinstance(one, Shot):
        name = f"death {one.number}"
    else:
        name = f"{one.code} without ids" if one.forgets_ids else one.code
    return f"{name}, {one.venue} on {one.database}"


def controls(cells: Sequence[Cell]) -> Iterator[str]:
    """Give what the desk without ids has done twice."""
    for cell in cells:
        twice = [finding for finding in cell.verdict.findings if finding.startswith("duplicate:")]
        yield f"{cell.code:5} {cell.venue:15} {'; '.join(twice) or 'no duplicate: this drill cannot see any'}"


def summary(cells: Sequence[Cell]) -> str:
    """Return the figures of the table."""
    marks = Counter(cell.verdict.mark for cell in cells)
    died = sum(cell.verdict.mark is not Mark.ALIVE for cell in cells)
    return f"{len(cells)} runs, {died} processes killed, {_told(marks)}, duplicates {_count(cells, 'duplicate')}"


def figures(shots: Sequence[Shot]) -> Iterator[str]:
    """Give the figures of the deaths at random moments."""
    killed = [shot for shot in shots if shot.verdict.mark is not Mark.ALIVE]
    times = sorted(shot.verdict.recovery for shot in killed if shot.verdict.recovery)
    marks = Counter(shot.verdict.mark for shot in killed)
    yield f"{len(shots)} runs, {len(killed)} processes killed, {sum(one.is_inside for one in killed)} of them in a scan"
    yield f"  {len(shots) - len(killed)} had ended before their time came"
    yield f"  ends: {_told(marks)}"
    for wrong in ("duplicate", "lost order", "lost fill", "position", "unprotected"):
        yield f"  {wrong}: {_count(shots, wrong)}"
    if len(times) > 1:
        cut = quantiles(times, n=100, method="inclusive")
        yield f"  recovery, from the start of the next process: p50 {cut[49]:.2f} s, p99 {cut[98]:.2f} s"


def _told(marks: Mapping[Mark, int]) -> str:
    return ", ".join(f"{marks[mark]} {mark}" for mark in Mark if marks.get(mark)) or "nothing"


def _count(drilled: Sequence[Cell | Shot], wrong: str) -> int:
    return sum(finding.startswith(f"{wrong}:") for one in drilled for finding in one.verdict.findings)
