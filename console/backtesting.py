"""Trades an account's past and prints what came of it: figures, why nothing was traded, and what stood in the way."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from console.failures import NotUnderstood
from console.naming import account_of
from console.showing import print_json, print_line, print_rows
from desk.adapters.backtests.identity import code_hash
from desk.adapters.backtests.opening import Past
from desk.adapters.backtests.records import Asked, Outcome, Run, record_of
from desk.adapters.backtests.report.library import missing_library
from desk.adapters.backtests.running import carry_out, open_asked
from desk.adapters.backtests.runs import REPORT, Runs
from desk.adapters.clocks import SystemClock
from desk.adapters.collecting import collect_seldom
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from desk.backtest.engine import Windows
from desk.backtest.headlines import headlines

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
Row = dict[str, object]


def asked_for(
    account: str,
    bounds: tuple[datetime | None, datetime | None],
    *,
    files: Sequence[str],
    cash: str | None,
    windows: str,
) -> Asked:
    """Return what was typed as what is asked.

    Raises:
        NotUnderstood: a word is not what it should be.
    """
    if windows not in {one.value for one in Windows}:
        raise NotUnderstood(f"--windows: expected {' or '.join(Windows)}, found '{windows}'")
    start, end = bounds
    return Asked(account, start, end, _cash(cash), Windows(windows), files_of(files))


def run_backtest(asked: Asked, *, keeps: bool, report: Path | None, as_json: bool) -> int:
    """Backtest an account, print what came of it, keep it, and write its report.

    Args:
        asked: what is to be traded.
        keeps: whether the run is stored.
        report: where the report goes as well, or alone where nothing is stored.
        as_json: print JSON, for programs.

    Raises:
        NotUnderstood: there is no such account.
        ConfigError: the account cannot be backtested.
        DataError: there are no candles in that time, or what came of it cannot be kept.
    """
    installation = settings()
    fleet = read_fleet(installation.config)
    account_of(fleet, asked.account)
    outcome = run_asked(asked, asyncio.run(open_asked(fleet, asked)))
    made_at, store = SystemClock().now(), Runs(installation.backtests)
    run = record_of(
        outcome, fleet, made_at=made_at, release=version("scandesk"), code=code_hash(installation.strategies)
    )
    if keeps:
        store.keep(run, outcome, fleet)
    pages = [store.path(run.id) / REPORT] if keeps else []
    pages += [report] if report else []
    missing = missing_library() if pages else None
    if as_json:
        told = {"run": run.id if keeps else None, "reports": [] if missing else [str(page) for page in pages]}
        print_json({**_facts(outcome), **told, "figures": asdict(outcome.figures)})
    else:
        _print(outcome)
    sys.stdout.flush()
    if missing is None:
        write_reports(run, outcome, pages)
    if not as_json:
        tell_kept(run, store, pages, keeps=keeps, missing=missing)
    return 0


def run_asked(asked: Asked, past: Past) -> Outcome:
    """Carry out a backtest, with a bar that shows how far it is where somebody is looking."""
    collect_seldom()
    if not sys.stderr.isatty():
        return carry_out(asked, past)
    with Progress(*_COLUMNS, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(f"backtest of {asked.account}", total=1.0)
        return carry_out(asked, past, lambda done: shown.update(task, completed=done))


def write_reports(run: Run, outcome: Outcome, pages: Sequence[Path]) -> None:
    """Write the report of a backtest to each place; the libraries for it are there, see `missing_library`."""
    if not pages:
        return
    # Loaded where a report is written: the figures are on the screen before the library of charts is read.
    from desk.adapters.backtests.report.writing import write_report

    for page in pages:
        write_report(page, run, outcome)


def tell_kept(run: Run, store: Runs, pages: Sequence[Path], *, keeps: bool, missing: str | None) -> None:
    """Print where a backtest and its reports are, or what is missing for them."""
    print_line()
    if keeps:
        print_line(f"Kept as {run.id} in {store.path(run.id)}")
    for page in pages if missing is None else ():
        print_line(f"Report: {page}")
    if missing is not None:
        print_line(f"No report: {missing}")


def files_of(words: Sequence[str]) -> Mapping[str, Path] | None:
    """Return the candle file of each instrument from INSTRUMENT=PATH words; None without any.

    Raises:
        NotUnderstood: a word is not of that form.
    """
    found = {}
    for word in words:
        name, _, path = word.partition("=")
        if not path:
            raise NotUnderstood(f"--file: expected INSTRUMENT=PATH such as EUR/USD=candles.parquet, found '{word}'")
        found[name] = Path(path)
    return found or None


def _cash(word: str | None) -> Decimal | None:
    if word is None:
        return None
    try:
        amount = Decimal(word)
    except InvalidOperation:
        amount = Decimal(0)
    if not (amount.is_finite() and amount > 0):
        raise NotUnderstood(f"--cash: expected an amount above 0 such as 10000, found '{word}'")
    return amount


def _facts(outcome: Outcome) -> Row:
    result, past = outcome.result, outcome.past
    return {
        "account": result.account,
        "from": result.start,
        "to": result.end,
        "cycles": len(result.times),
        "currency": result.currency,
        "config_version": past.config_version,
        "data": result.data,
        "left_out": past.left_out,
        "fills": len(result.fills),
        "open": {name: holding.position.quantity for name, holding in result.open.items()},
        "no_trades": {name: dict(counts) for name, counts in result.no_trades.items()},
        "refusals": [{"rule": rule, "reason": reason, "times": n} for (rule, reason), n in result.refusals.items()],
        "trips": [asdict(trip) for trip in result.trips],
    }


def _print(outcome: Outcome) -> None:
    result, past = outcome.result, outcome.past
    title = f"Backtest of {result.account}, {result.start:%Y-%m-%d %H:%M} to {result.end:%Y-%m-%d %H:%M} UTC"
    told = [{"": one.about, "figure": one.name, "value": one.value} for one in headlines(result, outcome.figures)]
    print_rows(told, as_json=False, title=title)
    print_line()
    reasons = [
        {"instrument": name, "reason": reason.value, "cycles": count}
        for name, counts in result.no_trades.items()
        for reason, count in counts.most_common()
    ]
    print_rows(reasons, as_json=False, title="Why nothing was proposed")
    print_line()
    refused = [
        {"rule": rule, "reason": reason.value, "times": n} for (rule, reason), n in result.refusals.most_common()
    ]
    print_rows(refused, as_json=False, title="What cut or refused a proposal", empty="no rule cut or refused anything")
    for trip in result.trips[:5]:
        print_line(f"The breaker: {trip.at:%Y-%m-%d %H:%M} UTC: {trip.why}")
    if past.left_out:
        print_line(f"Not traded for want of candles: {', '.join(past.left_out)}")
