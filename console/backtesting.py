"""Trades an account's past and prints what came of it: figures, why nothing was traded, and what stood in the way."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from console.failures import NotUnderstood
from console.naming import account_of
from console.showing import print_json, print_line, print_rows
from desk.adapters.backtests.opening import Past, open_past
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from desk.backtest.engine import Windows, backtest
from desk.backtest.headlines import headlines, measure
from desk.backtest.metrics import Figures
from desk.backtest.result import BacktestResult

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
Row = dict[str, object]
Tell = Callable[[float], object]


def run_backtest(
    account: str,
    *,
    files: Sequence[str],
    start: datetime | None,
    end: datetime | None,
    cash: str | None,
    windows: str,
    as_json: bool,
) -> int:
    """Backtest an account and print what came of it.

    Raises:
        NotUnderstood: there is no such account, or a word is not what it should be.
        ConfigError: the account cannot be backtested.
        DataError: there are no candles in that time.
    """
    fleet = read_fleet(settings().config)
    account_of(fleet, account)
    past = asyncio.run(open_past(fleet, account, files=files_of(files), start=start, end=end, cash=_cash(cash)))
    result = _run(past, start, end, Windows(windows))
    figures = measure(result, past.history)
    if as_json:
        print_json({**_facts(result, past), "figures": asdict(figures)})
    else:
        _print(result, past, figures)
    return 0


def _run(past: Past, start: datetime | None, end: datetime | None, windows: Windows) -> BacktestResult:
    def call(progress: Tell) -> BacktestResult:
        return backtest(
            past.policy,
            past.history,
            past.opening,
            start=start,
            end=end,
            setting=past.setting,
            windows=windows,
            progress=progress,
        )

    if not sys.stderr.isatty():
        return call(lambda _done: None)
    with Progress(*_COLUMNS, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(f"backtest of {past.policy.account}", total=1.0)
        return call(lambda done: shown.update(task, completed=done))


def files_of(words: Sequence[str]) -> Mapping[str, Path] | None:
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


def _facts(result: BacktestResult, past: Past) -> Row:
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


def _print(result: BacktestResult, past: Past, figures: Figures) -> None:
    title = f"Backtest of {result.account}, {result.start:%Y-%m-%d %H:%M} to {result.end:%Y-%m-%d %H:%M} UTC"
    told = [{"": one.about, "figure": one.name, "value": one.value} for one in headlines(result, figures)]
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
        print_line(f"The breaker: {trip.why}")
    if past.left_out:
        print_line(f"Not traded for want of candles: {', '.join(past.left_out)}")
