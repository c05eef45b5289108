"""Recorded candles on the command line: imported, downloaded, listed, examined, made longer."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from console.failures import FAILED, NotUnderstood
from console.feeds import opened_feed
from console.grids import TypedGrid, parse_grid, tell_grid
from console.showing import command, print_json, print_line, print_rows
from desk.adapters.clocks import SystemClock
from desk.adapters.data.downloading import Downloaded, Order, download
from desk.adapters.data.downloading import Progress as Reached
from desk.adapters.data.examining import Examined, examine, gaps_of
from desk.adapters.data.foreign import Understood, Wanted
from desk.adapters.data.importing import import_file
from desk.adapters.data.keeping import Kept, lines_of
from desk.adapters.data.names import SeriesName, files_in, find_file
from desk.adapters.data.resampling import Longer, resample_file
from desk.adapters.data.stored import Extent, Facts, extent_of, read_columns, read_facts
from desk.adapters.data.times import parse_zone
from desk.adapters.settings import settings
from desk.candle_checks.findings import MOST_SHOWN, Broken
from desk.candle_checks.merging import Preference
from desk.errors import DataError, VenueUnavailable
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe

_SHOWN_OF_A_HASH = 12
_SHOWN_OF_MANY = 3
"""Places of a broken rule, where all recordings are examined at once."""
_GOES_ON = "what has come is kept, and the same command goes on from there"
_IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Import:
    """What was typed for an import; `columns` and `timezone` as in `Wanted`."""

    file: Path
    instrument: str
    timeframe: str
    source: str | None = None
    columns: str | None = None
    timezone: str | None = None
    kind: str | None = None
    prefer: Preference | None = None
    grid: TypedGrid = field(default_factory=TypedGrid)


def run_import(typed: Import, *, as_json: bool) -> int:
    """Import a file, and say how it was understood and what became of it.

    Raises:
        NotUnderstood: what was typed of the timeframe or the grid is none.
        ConfigError: the file cannot be used.
        MalformedCandles: candles break a rule; nothing was kept.
        DataError: candles contradict those that are there; nothing was changed.
    """
    timeframe = timeframe_of(typed.timeframe)
    name = SeriesName(typed.source or _IMPORTED, typed.instrument, timeframe)
    zone = parse_zone(typed.timezone) if typed.timezone else None
    wanted = Wanted(typed.file, timeframe, SystemClock().now(), typed.columns, zone)
    kind = InstrumentKind(typed.kind) if typed.kind else None
    grid = parse_grid(typed.grid)
    done = import_file(settings().data_folder, wanted, name, kind=kind, prefer=typed.prefer, grid=grid)
    if as_json:
        print_json({**_kept_facts(done.kept), "understood": asdict(done.understood)})
    else:
        print_line(f"{typed.file}: {_understood(done.understood)}")
        print_line(_kept_line(done.kept))
    return 0


def run_download(
    origin: str, instrument: str, timeframe: str, *, start: datetime, end: datetime | None, as_json: bool
) -> int:
    """Download candles with a progress bar; Ctrl-C keeps what has come, and 1 is returned then.

    Raises:
        NotUnderstood: there is neither an account nor a connection nor a feed of that name.
        DataError: the source does not have the instrument or the timeframe.
        VenueUnavailable: what has come is kept; typing the command again goes on there.
    """
    length, now = timeframe_of(timeframe), SystemClock().now()

    def order_from(source: str) -> Order:
        return Order(SeriesName(source, instrument, length), start, end or now, now)

    try:
        done = _with_a_bar(lambda tell: _fetch(origin, order_from, tell))
    except KeyboardInterrupt:
        if as_json:
            print_json({"stopped": True})
        else:
            print_line(f"stopped; {_GOES_ON}")
        return FAILED
    except VenueUnavailable as error:
        told = f"{error.message or 'no answer'}; {_GOES_ON}"
        raise VenueUnavailable(error.venue, error.request, error.code, told) from error
    _print_downloaded(done, as_json=as_json)
    return 0


async def _fetch(origin: str, order_from: Callable[[str], Order], tell: Callable[[Reached], None]) -> Downloaded:
    async with opened_feed(origin) as (source, feed):
        return await download(settings().data_folder, feed, order_from(source), tell)


def _with_a_bar(work: Callable[[Callable[[Reached], None]], Coroutine[None, None, Downloaded]]) -> Downloaded:
    counted = TextColumn("{task.fields[candles]} candles")
    columns = (TextColumn("{task.description}"), BarColumn(), counted, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("downloading", total=1.0, candles=0)

        def tell(reached: Reached) -> None:
            progress.update(bar, completed=reached.done, candles=reached.candles)

        return asyncio.run(work(tell))


def show_list(*, as_json: bool) -> int:
    """Print a row for each recording."""
    folder = settings().data_folder
    rows = [_row(path) for path in files_in(folder)]
    if as_json:
        print_json(rows)
    else:
        empty = f"no recordings in {folder}; `{command()} data import` and `{command()} data download` write them"
        print_rows([_short(row) for row in rows], as_json=False, empty=empty)
    return 0


def run_check(name: str | None, *, is_strict: bool, as_json: bool) -> int:
    """Examine one recording, or all; return 1 where something is wrong, or odd where that counts too."""
    folder = settings().data_folder
    paths = [find_file(folder, name)] if name else list(files_in(folder))
    if not paths:
        raise DataError(f"{folder}: expected recordings, found none; `desk data import` and `download` write them")
    examined = [examine(path) for path in paths]
    if as_json:
        print_json([_examined_facts(one) for one in examined])
    else:
        for one in examined:
            _print_examined(one, most=MOST_SHOWN if name else _SHOWN_OF_MANY)
    is_bad = any(one.is_wrong or (is_strict and one.broken) for one in examined)
    return FAILED if is_bad else 0


def run_resample(name: str, timeframe: str, *, coverage: float, prefer: Preference | None, as_json: bool) -> int:
    """Make longer candles of a recording and say how many were left out.

    Raises:
        DataError: there is no such recording, or no whole candle comes of it.
    """
    folder = settings().data_folder
    path, longer = find_file(folder, name), Longer(timeframe_of(timeframe), coverage)
    done = resample_file(folder, path, longer, written_at=SystemClock().now(), prefer=prefer)
    if as_json:
        print_json({**_kept_facts(done.kept), "made": done.made, "partial": done.partial})
    else:
        left = f"; {done.partial} left out, since candles that they are made of are missing" if done.partial else ""
        print_line(f"{read_facts(path).name}: {done.made} candles of {longer.timeframe}{left}")
        print_line(_kept_line(done.kept))
    return 0


def timeframe_of(text: str) -> Timeframe:
    """Return the timeframe of a name.

    Raises:
        NotUnderstood: there is none of that name.
    """
    if text not in list(Timeframe):
        raise NotUnderstood(f"expected a timeframe, one of {', '.join(Timeframe)}, found '{text}'")
    return Timeframe(text)


def _kept_facts(kept: Kept) -> dict[str, object]:
    return {
        **_facts(kept.facts),
        "file": kept.path,
        "candles": kept.candles,
        "added": kept.added,
        "same": kept.same,
        "contradicting": kept.contradicting,
    }


def _facts(facts: Facts) -> dict[str, object]:
    return {
        "name": str(facts.name),
        "source": facts.name.source,
        "instrument": facts.name.instrument,
        "timeframe": facts.name.timeframe,
        "kind": facts.kind,
        "written_at": facts.written_at,
        "sha256": facts.sha256,
        "made_from": facts.made_from or None,
        "asked_since": facts.asked_since,
        "grid": asdict(facts.grid) if facts.grid else None,
    }


def _kept_line(kept: Kept) -> str:
    counts = [f"{kept.added} added"]
    counts += [f"{kept.same} there already"] if kept.same else []
    counts += [f"{kept.contradicting} with other values than before"] if kept.contradicting else []
    return f"{kept.facts.name}: {kept.candles} candles, {', '.join(counts)}; data hash {_hash(kept.facts.sha256)}"


def _understood(told: Understood) -> str:
    columns = ", ".join(ours if ours == theirs else f"{ours} is {theirs}" for ours, theirs in told.columns.items())
    parts = [f"no header, columns by place: {columns}" if told.by_place else f"columns {columns}", told.times]
    parts += [f"left alone: {', '.join(told.others)}"] if told.others else []
    parts += ["newest first, turned round"] if told.newest_first else []
    parts += [f"{told.unclosed} not closed yet, left out"] if told.unclosed else []
    return "; ".join(parts)


def _print_downloaded(done: Downloaded, *, as_json: bool) -> None:
    if as_json:
        facts = _facts(read_facts(done.path)) if done.extent else {}
        extent = asdict(done.extent) if done.extent else {"candles": 0}
        print_json({**facts, **extent, "file": done.path, "fetched": done.fetched})
    elif done.extent is None:
        print_line("the source has no candles of this period; nothing was written")
    else:
        print_line(f"{read_facts(done.path).name}: {done.fetched} candles came; now {_span(done.extent)}")


def _span(extent: Extent) -> str:
    return f"{extent.candles} candles from {_minute(extent.first)} to {_minute(extent.last)} UTC"


def _row(path: Path) -> dict[str, object]:
    facts, columns = read_facts(path), read_columns(path, ())
    extent, missing = extent_of(path, facts.name.timeframe, columns), gaps_of(facts, columns)
    return {
        **_facts(facts),
        "from": extent.first,
        "to": extent.last,
        "candles": extent.candles,
        "gaps": missing.places if missing else 0,
        "missing": missing.candles if missing else 0,
        "bytes": extent.size_bytes,
        "file": path,
    }


def _short(row: Mapping[str, object]) -> dict[str, object]:
    return {
        "name": row["name"],
        "instrument": row["instrument"],
        "from": _minute(row["from"]),
        "to": _minute(row["to"]),
        "candles": row["candles"],
        "gaps": row["gaps"],
        "missing": row["missing"],
        "MB": f"{int(str(row['bytes'])) / 1e6:.1f}",
        "data hash": _hash(str(row["sha256"])),
    }


def _examined_facts(one: Examined) -> dict[str, object]:
    return {**_facts(one.facts), "candles": one.candles, "broken": [_broken_facts(broken) for broken in one.broken]}


def _broken_facts(broken: Broken) -> dict[str, object]:
    return {"wrong": broken.rule.is_wrong, **asdict(broken)}


def _print_examined(one: Examined, *, most: int) -> None:
    sessions = f"sessions of {one.facts.kind}" if one.facts.kind else "sessions not known, taken to be always open"
    grid = f", {tell_grid(one.facts.grid)}" if one.facts.grid else ""
    print_line(f"{one.facts.name}: {one.candles} candles, {sessions}{grid}: {_verdict(one.broken)}")
    for broken in one.broken:
        for line in lines_of(broken, most):
            print_line(f"    {line}")


def _verdict(broken: Sequence[Broken]) -> str:
    told = [f"{one.rule} {one.places}" for one in sorted(broken, key=lambda one: not one.rule.is_wrong)]
    return ", ".join(told) or "nothing wrong, nothing odd"


def _hash(sha256: str) -> str:
    return sha256[:_SHOWN_OF_A_HASH]


def _minute(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else ""
