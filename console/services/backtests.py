"""Backtests that are kept: found by name, listed, and compared side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ruamel.yaml import YAML

from console.failures import NothingRecorded, NotUnderstood
from console.naming import unknown
from console.services.paging import Turn
from desk.adapters.backtests.records import Run
from desk.adapters.backtests.runs import CONFIGURATION, REPORT, Runs
from desk.errors import DataError

LAST = "last"
Told = Mapping[str, str]
Line = tuple[str, list[str]]
"""What is compared, and what each run says of it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Backtests side by side: what each says of a figure, and where what they were made from differs."""

    runs: tuple[str, ...]
    figures: tuple[Line, ...]
    made_from: tuple[Line, ...]
    configuration: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A backtest in a list; `problem` says why it cannot be read, and then nothing else is known of it.

    Attributes:
        made_at: by the machine's time.
        headlines: figures in words, by name.
    """

    id: str
    problem: str = ""
    account: str = ""
    made_at: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    headlines: Told = field(default_factory=dict)
    has_report: bool = False


@dataclass(frozen=True, slots=True)
class RunPage:
    """Backtests, the newest first; `next` is `after` of the next page, empty where this is the last."""

    rows: tuple[KeptRun, ...]
    next: str = ""


def run_page(store: Runs, turn: Turn) -> RunPage:
    """Return backtests that were made before the one of the id `turn.after`, or the newest."""
    names = [name for name in reversed(store.names()) if not turn.after or name < turn.after]
    rows = tuple(_listed(store, name) for name in names[: turn.limit])
    return RunPage(rows, rows[-1].id if len(names) > turn.limit else "")


def _listed(store: Runs, name: str) -> KeptRun:
    run = _read(store, name)
    if isinstance(run, DataError):
        return KeptRun(name, str(run))
    has_report = (store.path(name) / REPORT).exists()
    return KeptRun(name, "", run.account, run.made_at, run.start, run.end, headlines_of(run), has_report)


def kept_runs(store: Runs) -> dict[str, Run | DataError]:
    """Return every backtest that is kept, by its id, the newest first; or why it cannot be read."""
    return {name: _read(store, name) for name in reversed(store.names())}


def compared(store: Runs, names: Sequence[str]) -> Compared:
    """Return backtests side by side.

    Raises:
        NotUnderstood: none is of one of the names, or there is but one.
    """
    if len(names) < 2:
        raise NotUnderstood(f"expected the ids of two backtests or more, found {len(names)}")
    runs = [kept_run(store, name) for name in names]
    return Compared(
        tuple(run.id for run in runs),
        tuple(_side_by_side([headlines_of(run) for run in runs])),
        tuple(_side_by_side([asked_of(run) for run in runs], keeps_equal=False)),
        tuple(_side_by_side([_configuration(store, run) for run in runs], keeps_equal=False)),
    )


def report_of(store: Runs, name: str) -> Path:
    """Return where the report of a backtest is.

    Raises:
        NotUnderstood: none is of that name.
        NothingRecorded: it has no report.
    """
    path = store.path(_id_of(store, name)) / REPORT
    if not path.exists():
        raise NothingRecorded(f"expected a report of {path.parent.name}, found none; `desk backtests repeat` makes one")
    return path


def kept_run(store: Runs, name: str) -> Run:
    """Return the backtest of an id, of a part of one that no other has, or the last one.

    Raises:
        NotUnderstood: none is of that name.
        DataError: it cannot be read.
    """
    return store.read(_id_of(store, name))


def _id_of(store: Runs, name: str) -> str:
    names = store.names()
    found = [one for one in names if one == name] or [one for one in names if name in one]
    if name == LAST and names:
        found = [names[-1]]
    if len(found) != 1:
        raise unknown("the id of a backtest, a part that no other has, or last", name, names)
    return found[0]


def headlines_of(run: Run) -> Told:
    """Return the headlines by name."""
    return {one.name: one.value for one in run.headlines}


def made_from(run: Run) -> Told:
    """Return what a backtest was made from."""
    files = {f"candles of {name}": f"{file.path} {file.sha256[:16]}" for name, file in run.files.items()}
    seed = {} if run.seed is None else {"seed": str(run.seed)}
    return {
        "data": run.data[:16],
        **files,
        **seed,
        "configuration": run.config_version,
        "release": run.release,
        "code": run.code,
        "result": run.result,
    }


def asked_of(run: Run) -> Told:
    """Return what was asked for, and what it was made from."""
    wanted = run.wanted
    asked = {
        "account": run.account,
        "from": f"{run.start:%Y-%m-%d %H:%M}",
        "to": f"{run.end:%Y-%m-%d %H:%M}",
        "cash": "as configured" if wanted.cash is None else f"{wanted.cash:f}",
        "windows": wanted.windows.value,
    }
    return {**asked, **made_from(run)}


def _read(store: Runs, name: str) -> Run | DataError:
    """A backtest, or why it cannot be read: one of another release hides no other."""
    try:
        return store.read(name)
    except DataError as error:
        return error


def _configuration(store: Runs, run: Run) -> Told:
    """Every key of the configuration that a backtest was made with, by its path."""
    found: dict[str, str] = {}
    for path in sorted((store.path(run.id) / CONFIGURATION).glob("*.yaml")):
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        found |= {f"{path.stem}: {key}": value for key, value in _flat(content, "")}
    return found


def _flat(value: object, place: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(one, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            # What has a name keeps it as its place, wherever in the list it stands.
            label = one["name"] if isinstance(one, Mapping) and "name" in one else number
            yield from _flat(one, f"{place}[{label}]")
    else:
        yield place, str(value)


def _side_by_side(tables: Sequence[Told], *, keeps_equal: bool = True) -> list[Line]:
    """What each says under every key that one of them has."""
    keys = dict.fromkeys(key for table in tables for key in table)
    lines = [(key, [table.get(key, "") for table in tables]) for key in keys]
    return [(key, told) for key, told in lines if keeps_equal or len(set(told)) > 1]
