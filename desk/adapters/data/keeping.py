"""Adds candles to a recording: merged with what is there, one writer at a time."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from desk.adapters.data.grids import Grid, grid_of
from desk.adapters.data.names import SeriesName, known_kind
from desk.adapters.data.stored import Facts, data_hash, read_columns, read_facts, write_file
from desk.candle_checks.columns import VALUES, Columns
from desk.candle_checks.findings import MOST_SHOWN, Broken
from desk.candle_checks.merging import OLD, Merge, Preference, merge
from desk.candle_checks.rows import broken_by_rows
from desk.errors import DataError, MalformedCandles
from desk.model.instrument import Instrument, InstrumentKind

_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Batch:
    """Candles to be kept.

    Attributes:
        kind, grid: of the instrument, where they are known.
        origin: where they are from, for messages.
        made_from: see `Facts`.
    """

    name: SeriesName
    columns: Columns
    origin: str
    kind: InstrumentKind | None = None
    made_from: str = ""
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch.

    Attributes:
        added: candles that were not there before.
        same: candles that were there alike.
        contradicting: candles that were there with other values; which are kept now was said.
    """

    path: Path
    facts: Facts
    candles: int
    added: int
    same: int = 0
    contradicting: int = 0


def keep(folder: Path, batch: Batch, *, written_at: datetime, prefer: Preference | None = None) -> Kept:
    """Merge a batch into the recording of its name; where nothing is new, the file is left as it is.

    Args:
        prefer: which candles are kept where both have one and they differ; without it that is an error.

    Raises:
        MalformedCandles: candles of the batch break a rule.
        DataError: the batch contradicts what is there, or has other columns; nothing was changed.
    """
    refuse_broken(batch.origin, broken_by_rows(batch.columns, batch.name.timeframe))
    path = batch.name.path(folder)
    with _one_writer(folder):
        before = read_facts(path) if path.exists() else None
        there = read_columns(path) if before else batch.columns.rows(slice(0))
        _require_columns(path, there, batch)
        merged = merge(there, batch.columns, prefer=prefer or OLD)
        if merged.contradicting and prefer is None:
            raise DataError(_contradicted(path, batch, merged))
        facts = _facts(batch, merged.columns, before, written_at)
        has_news = merged.added or (merged.contradicting and prefer != OLD)
        if before is None or has_news or (facts.kind, facts.grid) != (before.kind, before.grid):
            write_file(path, facts, merged.columns)
            before = facts
        return Kept(path, before, len(merged.columns), merged.added, merged.same, merged.contradicting)


def note_asked(folder: Path, name: SeriesName, *, since: datetime, instrument: Instrument) -> None:
    """Remember that the source was asked for all that it has since a time, and what it tells of the instrument.

    Where there is no recording, nothing is remembered.
    """
    path = name.path(folder)
    with _one_writer(folder):
        if not path.exists():
            return
        facts = read_facts(path)
        asked = since if facts.asked_since is None else min(since, facts.asked_since)
        told = replace(facts, asked_since=asked, kind=instrument.kind, grid=grid_of(instrument))
        if told != facts:
            write_file(path, told, read_columns(path))


def refuse_broken(origin: str, broken: Sequence[Broken]) -> None:
    """Let candles pass of which none is wrong.

    Raises:
        MalformedCandles: every rule that is broken, each with its first rows.
    """
    if broken:
        rows = sum(one.places for one in broken)
        head = f"{origin}: expected candles that can be right, found {rows} that break a rule; nothing was kept"
        raise MalformedCandles("\n".join([head, *(line for one in broken for line in lines_of(one))]))


def lines_of(broken: Broken, most: int = MOST_SHOWN) -> Iterator[str]:
    """Give a broken rule for people: a line for each of the first places, and how many more there are."""
    shown = broken.first[:most]
    for finding in shown:
        row = f"row {finding.row}, " if finding.row else ""
        until = f" to {finding.until:{_TIME}}" if finding.until != finding.at else ""
        yield f"{broken.rule}: {row}{finding.at:{_TIME}}{until}: {finding.detail}"
    if broken.places > len(shown):
        yield f"{broken.rule}: and {broken.places - len(shown)} more"


def _require_columns(path: Path, there: Columns, batch: Batch) -> None:
    known, told = set(there.values), set(batch.columns.values)
    if known != told:
        differing = ", ".join(name for name in VALUES if name in known ^ told)
        raise DataError(
            f"{path}: expected the columns {', '.join(there.values)}, found that {batch.origin} has "
            f"{', '.join(batch.columns.values)} ({differing} on one side only); import it under another --source"
        )


def _contradicted(path: Path, batch: Batch, merged: Merge) -> str:
    head = (
        f"{path}: expected the same values where both have a candle, found {merged.contradicting} candles that differ "
        f"in {batch.origin}; nothing was changed; keep one side with --prefer old or --prefer new"
    )
    shown = (f"{one.at:{_TIME}}: {one.column} is {one.old} here and {one.new} there" for one in merged.first)
    more = merged.contradicting - len(merged.first)
    return "\n".join([head, *shown, *([f"and {more} more"] if more else [])])


def _facts(batch: Batch, columns: Columns, before: Facts | None, written_at: datetime) -> Facts:
    kind = batch.kind or (before.kind if before else None) or known_kind(batch.name.instrument)
    made_from = batch.made_from or (before.made_from if before else "")
    asked_since = before.asked_since if before else None
    grid = batch.grid or (before.grid if before else None)
    return Facts(batch.name, kind, written_at, data_hash(columns), made_from, asked_since, grid)


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes into the folder: each adds to what the one before has left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("a")
    except OSError as error:
        raise DataError(f"{folder}: expected a folder that can be written, found {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
