"""Lists, shows, compares, repeats and removes the backtests that are kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from console.backtesting import run_asked, tell_kept, write_reports
from console.services.backtests import Line, asked_of, compared, headlines_of, kept_run, kept_runs, made_from
from console.showing import print_json, print_line, print_rows
from desk.accounts import Fleet
from desk.adapters.backtests.identity import code_hash
from desk.adapters.backtests.records import Outcome, Run, record_of
from desk.adapters.backtests.report.library import missing_library
from desk.adapters.backtests.running import open_asked
from desk.adapters.backtests.runs import CONFIGURATION, REPORT, Runs
from desk.adapters.clocks import SystemClock
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from desk.errors import DataError

Row = dict[str, object]
_LISTED = ("total return", "largest drawdown", "Sharpe ratio", "closed")


@dataclass(frozen=True, slots=True)
class _Again:
    """A backtest that was made again, with the configuration that it was made with."""

    run: Run
    outcome: Outcome
    fleet: Fleet


def show_list(*, as_json: bool) -> int:
    """Print a row for each backtest that is kept, the newest first; return 1 where one cannot be read."""
    found = kept_runs(_store())
    told = _facts if as_json else _row
    rows = [told(name, run) for name, run in found.items()]
    print_rows(rows, as_json=as_json, empty="no backtest is kept; `desk backtest ACCOUNT` makes one")
    return 1 if any(isinstance(run, DataError) for run in found.values()) else 0


def show_run(name: str, *, as_json: bool) -> int:
    """Print what came of a backtest, what it was made from, and where its report is.

    Raises:
        NotUnderstood: none is of that name.
    """
    store = _store()
    run = kept_run(store, name)
    if as_json:
        print_json(run.model_dump(mode="json"))
        return 0
    rows = [{"": one.about, "figure": one.name, "value": one.value} for one in run.headlines]
    print_rows(
        rows, as_json=False, title=f"Backtest {run.id}, {run.start:%Y-%m-%d %H:%M} to {run.end:%Y-%m-%d %H:%M} UTC"
    )
    print_line()
    print_rows([{"made from": key, "": value} for key, value in made_from(run).items()], as_json=False)
    page = store.path(run.id) / REPORT
    print_line()
    print_line(f"Report: {page if page.exists() else 'none'}")
    return 0


def compare_runs(names: Sequence[str], *, as_json: bool) -> int:
    """Print the figures of backtests side by side, and what was different about them.

    Raises:
        NotUnderstood: none is of one of the names, or there is but one.
    """
    found = compared(_store(), names)
    if as_json:
        told = {
            "figures": dict(found.figures),
            "made_from": dict(found.made_from),
            "configuration": dict(found.configuration),
        }
        print_json({"runs": found.runs, **told})
        return 0
    parts = (("Figures", found.figures), ("Made from", found.made_from), ("Configuration", found.configuration))
    for title, lines in parts:
        print_rows(_rows(lines), as_json=False, title=title, empty=f"{title}: no difference")
        print_line()
    for number, name in enumerate(found.runs, start=1):
        print_line(f"{number}: {name}")
    return 0


def repeat_run(name: str, *, keeps: bool, as_json: bool) -> int:
    """Do a backtest again from what is kept of it; return 1 where something is not as it was.

    Args:
        name: of the backtest.
        keeps: whether what came of it now is kept too, with its report.
        as_json: print JSON, for programs.

    Raises:
        NotUnderstood: none is of that name.
        ConfigError: its configuration or one of its files cannot be used any more.
        DataError: what came of it cannot be kept.
    """
    store = _store()
    run = kept_run(store, name)
    again = _again(store, run)
    differences = _differences(run, again.run)
    is_same = run.result == again.run.result
    pages, missing = _kept(store, again) if keeps else ([], None)
    if as_json:
        told = {"kept": again.run.id, "reports": [str(page) for page in pages]} if keeps else {}
        print_json({"run": run.id, "is_same": is_same, "differences": differences, **told})
    else:
        _tell_differences(run, differences, is_same=is_same)
        if keeps:
            tell_kept(again.run, store, pages, keeps=True, missing=missing)
    return 1 if differences else 0


def _kept(store: Runs, again: _Again) -> tuple[list[Path], str | None]:
    """The report of a repeated backtest that is kept now, or why there is none."""
    store.keep(again.run, again.outcome, again.fleet)
    if missing := missing_library():
        return [], missing
    pages = [store.path(again.run.id) / REPORT]
    write_reports(again.run, again.outcome, pages)
    return pages, None


def _tell_differences(run: Run, differences: Sequence[Row], *, is_same: bool) -> None:
    if not differences:
        print_line(f"{run.id} came to the same again, to the last digit: result {run.result}")
        return
    title = f"{run.id} came to {'the same' if is_same else 'something else'}, and not everything is as it was"
    print_rows(differences, as_json=False, title=title)


def remove_run(name: str, *, as_json: bool) -> int:
    """Forget a backtest with its report.

    Raises:
        NotUnderstood: none is of that name.
    """
    store = _store()
    found = kept_run(store, name).id
    store.remove(found)
    if as_json:
        print_json({"removed": found})
    else:
        print_line(f"removed {found}")
    return 0


def _store() -> Runs:
    return Runs(settings().backtests)


def _facts(name: str, run: Run | DataError) -> Row:
    return {"id": name, "error": str(run)} if isinstance(run, DataError) else run.model_dump(mode="json")


def _row(name: str, run: Run | DataError) -> Row:
    if isinstance(run, DataError):
        return {"id": name, "period": "cannot be read", **dict.fromkeys(_LISTED, "")}
    told = headlines_of(run)
    period = f"{run.start:%Y-%m-%d} to {run.end:%Y-%m-%d}"
    return {"id": name, "period": period, **{one: told.get(one, "") for one in _LISTED}}


def _rows(lines: Sequence[Line]) -> list[Row]:
    return [{"": key, **{str(number): one for number, one in enumerate(told, start=1)}} for key, told in lines]


def _again(store: Runs, run: Run) -> _Again:
    """The same backtest by today's code, of the configuration and the files that it names."""
    installation = settings()
    fleet = read_fleet(store.path(run.id) / CONFIGURATION)
    asked = run.asked
    outcome = run_asked(asked, asyncio.run(open_asked(fleet, asked)))
    code = code_hash(installation.strategies)
    made = record_of(outcome, fleet, made_at=SystemClock().now(), release=version("scandesk"), code=code)
    return _Again(made, outcome, fleet)


def _differences(run: Run, again: Run) -> list[Row]:
    before, now = ({**asked_of(one), **headlines_of(one)} for one in (run, again))
    # The stored configuration names its files with their whole paths, and so has a version of its own.
    keys = [key for key in before if key != "configuration"]
    return [
        {"what": key, "then": before[key], "now": now.get(key, "")} for key in keys if before[key] != now.get(key, "")
    ]
