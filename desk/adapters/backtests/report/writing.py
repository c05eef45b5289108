"""Writes the report of a backtest: one file with its charts' library in it, that needs no network and no other file."""

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from desk.adapters.backtests.records import Outcome, Run, Told
from desk.adapters.backtests.report.assumptions import ASSUMPTIONS
from desk.adapters.backtests.report.charts import MOST_TRADES, chart_data
from desk.adapters.backtests.report.tables import (
    breaker_table,
    drawdowns_table,
    end_tables,
    group_tables,
    lasting_trips,
    months_table,
    reasons_table,
    refusals_table,
)
from desk.adapters.placing import put_in_place
from desk.errors import DataError
from desk.model.books import TradingState

_HERE = Path(__file__).parent
_LIMITATIONS = _HERE.parents[3] / "LIMITATIONS.md"
_FIRST = (
    *("total return", "largest drawdown", "Sharpe ratio", "win rate", "profit factor", "expectancy in risks (R)"),
    *("costs", "closed"),
)
"""The headlines that stand above all others."""
_IN_WORDS = {TradingState.REDUCE_ONLY: "allowed to close only", TradingState.HALTED: "halted"}


def write_report(path: Path, run: Run, outcome: Outcome) -> None:
    """Write the report of a backtest, at once or not at all.

    Raises:
        DataError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{path.parent}: expected a folder that can be made, found {error.strerror}") from error
    with put_in_place(path, fails_as=DataError) as partial:
        partial.write_text(page(run, outcome, limitations=_link(path)), encoding="utf-8")


def page(run: Run, outcome: Outcome, *, limitations: str = "") -> str:
    """Return the report as HTML; all that it is told is escaped.

    Args:
        limitations: the address of LIMITATIONS.md as seen from the page; empty where it is not there.
    """
    result = outcome.result
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html").render(
        run=run,
        first=[one for name in _FIRST for one in run.headlines if one.name == name],
        groups=_by_group(run.headlines),
        months=months_table(result),
        groupings=group_tables(outcome.rounds),
        stood=(refusals_table(result), reasons_table(result)),
        falls=drawdowns_table(result),
        breaker=breaker_table(result),
        last_trips=[
            f"From {one.at:%Y-%m-%d %H:%M} UTC the account was {_IN_WORDS[one.state]} until the end: {one.why}."
            for one in lasting_trips(result)
        ],
        ends=end_tables(outcome),
        made_from=_made_from(run),
        assumptions=ASSUMPTIONS,
        limitations=limitations,
        left_out=len(outcome.rounds) - MOST_TRADES,
        data=_for_script(chart_data(outcome)),
        library=get_plotlyjs(),
    )


def command_of(run: Run) -> str:
    """Return what was typed, or what would have had the same effect."""
    asked, words = run.asked, ["desk", "backtest", run.account]
    for option, at in (("--from", asked.start), ("--to", asked.end)):
        words += [option, _time(at)] if at else []
    words += ["--cash", f"{asked.cash:f}"] if asked.cash is not None else []
    words += ["--windows", asked.windows.value] if asked.windows != "all" else []
    for name, path in (asked.files or {}).items():
        words += ["--file", f"{name}={path}"]
    return shlex.join(words)


def _by_group(told: tuple[Told, ...]) -> dict[str, list[Told]]:
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(one.about, []).append(one)
    return groups


def _made_from(run: Run) -> tuple[tuple[str, str], ...]:
    files = tuple(
        (f"candles of {name}", f"{file.path} (SHA-256 {file.sha256[:16]}…)") for name, file in run.files.items()
    )
    seed = (("seed of the made market", str(run.seed)),) if run.seed is not None else ()
    return (
        ("run", run.id),
        ("asked", command_of(run)),
        ("again", f"desk backtests repeat {run.id}"),
        ("data hash", run.data),
        *files,
        *seed,
        ("configuration", run.config_version),
        ("release", run.release),
        ("code", run.code),
        ("result", run.result),
        ("without candles", ", ".join(run.left_out) or "none"),
    )


def _for_script(value: object) -> str:
    """JSON that cannot end the script that it stands in."""
    text = orjson.dumps(value).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _link(path: Path) -> str:
    return os.path.relpath(_LIMITATIONS, path.resolve().parent) if _LIMITATIONS.is_file() else ""


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
