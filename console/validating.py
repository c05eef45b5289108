"""What the commands that try an account's past many times share: the subject, its trials, a bar, and going on later."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from console.backtesting import files_of
from console.failures import FAILED
from console.naming import account_of
from desk.adapters.backtests.opening import open_past
from desk.adapters.collecting import collect_seldom
from desk.adapters.configuration import read_fleet
from desk.adapters.research.cluster import open_cluster
from desk.adapters.research.identity import identity_of
from desk.adapters.research.processes import Processes
from desk.adapters.research.running import Pool, Trials
from desk.adapters.research.store import TrialStore
from desk.adapters.settings import settings
from desk.backtest.curve import EquityCurve
from desk.backtest.drawdowns import drawdown_figures
from desk.backtest.ratios import sharpe
from desk.backtest.significance import probabilistic_sharpe
from desk.backtest.validation.parameters import Point
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Trial

_STORED_IN = ("research", "trials.db")
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
_YEAR = 365.0

Row = dict[str, object]
UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Asked:
    """What every one of these commands is told.

    Attributes:
        workers: processes at once; 0 for as many as there are processors.
        afresh: whether what is stored is run again.
        dask: address of a Dask scheduler whose workers run the trials; None for this machine's processes.
    """

    account: str
    files: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    seed: int = 1
    workers: int = 0
    afresh: bool = False
    dask: str | None = None


def subject_of(asked: Asked) -> Subject:
    """Return the account with its past.

    Raises:
        NotUnderstood: there is no such account.
        ConfigError: the account cannot be backtested.
    """
    collect_seldom()
    fleet = read_fleet(settings().config)
    account_of(fleet, asked.account)
    opened = open_past(fleet, asked.account, files=files_of(asked.files), start=asked.start, end=asked.end)
    past = asyncio.run(opened)
    return Subject(past.policy, past.history, past.opening, past.setting)


def bounds_of(subject: Subject, asked: Asked) -> tuple[datetime, datetime]:
    """Return what is traded: what was asked for, within what there is."""
    first, last = subject.span
    return max(asked.start or first, first), min(asked.end or last, last)


def whole_of(subject: Subject, asked: Asked) -> Trial:
    """Return the trial of all that is traded, as it was."""
    start, end = bounds_of(subject, asked)
    return Trial(int(start.timestamp()), int(end.timestamp()))


class Bar:
    """A progress bar on the terminal that errors go to; without a terminal there is none.

    Attributes:
        before, of: what was done before the trials that are told now, and how many there are in all; 0 for only those.
    """

    def __init__(self, progress: Progress | None, title: str) -> None:
        self.before = 0
        self.of = 0
        self._progress = progress
        self._task = None if progress is None else progress.add_task(title, total=None)

    def begin(self, title: str) -> None:
        """Say what is run from now on."""
        self.before = self.of = 0
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=title, completed=0, total=None)

    def tell(self, done: int, count: int) -> None:
        """Show how far it is."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self.before + done, total=self.of or count)


@contextmanager
def trials_of(subject: Subject, asked: Asked, title: str) -> Iterator[tuple[Trials, Bar]]:
    """Give what runs and stores the trials of an account, and the bar that shows it."""
    with TrialStore(settings().home.joinpath(*_STORED_IN), identity_of(subject)) as store, _progress() as progress:
        if asked.afresh:
            store.forget()
        bar = Bar(progress, title)
        with _pool_of(subject, asked) as pool:
            yield Trials(subject, store, pool, tell=bar.tell), bar


@contextmanager
def _pool_of(subject: Subject, asked: Asked) -> Iterator[Pool | None]:
    folder, workers = settings().strategies, asked.workers or os.cpu_count() or 1
    if asked.dask:
        with open_cluster(asked.dask, subject, folder) as cluster:
            yield cluster
    elif workers == 1:
        yield None
    else:
        with Processes(subject, workers, [folder] if folder else []) as processes:
            yield processes


def goes_on_later(call: Callable[[], int]) -> int:
    """Do what was asked for; where somebody stops it, say that it can go on, and return 1."""
    try:
        return call()
    except KeyboardInterrupt:
        sys.stderr.write("desk: stopped; what was run is kept, and the same command goes on from there\n")
        return FAILED


def curve_facts(curve: EquityCurve) -> Row:
    """Return the figures of a curve of days that these commands tell: amounts in account currency, fractions."""
    returns, steepest = curve.returns(), drawdown_figures(curve).steepest
    return {
        "start": float(curve.value[0]) if len(curve) else None,
        "end": float(curve.value[-1]) if len(curve) else None,
        "total": float(curve.value[-1] / curve.value[0] - 1) if len(curve) else None,
        "drawdown": steepest.fraction if steepest else 0.0,
        "sharpe": sharpe(returns, _YEAR),
        "probabilistic_sharpe": probabilistic_sharpe(returns),
        "days": len(returns),
    }


def point_text(point: Point) -> str:
    """Return parameters as they are typed, a line each."""
    return "\n".join(f"{name}={value:g}" for name, value in point.items())


def fraction(value: float | None) -> str:
    """Return a gain as it is printed, such as +0.1234."""
    return UNKNOWN if value is None else f"{value:+.4f}"


def plain(value: float | None, digits: int = 3) -> str:
    """Return a number as it is printed."""
    return UNKNOWN if value is None else f"{value:,.{digits}f}"


@contextmanager
def _progress() -> Iterator[Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(*_COLUMNS, console=Console(stderr=True), transient=True) as shown:
        yield shown
