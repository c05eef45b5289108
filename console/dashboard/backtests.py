"""The page of backtests: those that are kept, their figures and reports, and some of them side by side."""

import asyncio
from urllib.parse import quote

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import QUIET, Cell, account_path, link, words
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.backtests import Compared, KeptRun, Line, RunPage, compared, run_page
from console.services.paging import Turn
from console.times import format_minute
from desk.adapters.backtests.runs import Runs

_FIGURES = ("total return", "largest drawdown", "Sharpe ratio", "profit factor", "closed")
_HEADINGS = ("Made", "Account", "Period", *(name.capitalize() for name in _FIGURES), "Report", "Compare")
_PATH = "/backtests"


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, store = visit.room, Runs(visit.room.chosen.backtests)
    chosen = [name for name in visit.asked.get("compare", "").split(",") if name]
    with frame(room, visit.visitor, ("Backtests", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Backtests")
        if len(chosen) > 1:
            await Live(room, visit.visitor, lambda: asyncio.to_thread(compared, store, chosen), _compare).begin(
                ACCOUNTS
            )
        turn = Turn(visit.asked.get("after", ""))
        await Live(
            room, visit.visitor, lambda: asyncio.to_thread(run_page, store, turn), lambda found: _show(found, chosen)
        ).begin(ACCOUNTS)


def _show(found: RunPage, chosen: list[str]) -> None:
    rows = [_row(run, chosen) for run in found.rows]
    table(_HEADINGS, rows, otherwise="No backtest is kept; `desk backtest ACCOUNT` makes one.")
    if found.next:
        link("Older backtests", f"{_PATH}?after={quote(found.next, safe='')}")
    if len(chosen) == 1:
        words("p", "Choose another one to compare it with.", QUIET)


def _row(run: KeptRun, chosen: list[str]) -> tuple[Cell, ...]:
    if run.problem or not (run.made_at and run.start and run.end):
        return (Cell(run.id), Cell("cannot be read", "loss", title=run.problem), *(Cell("") for _ in _HEADINGS[2:]))
    with_this = ",".join([*(name for name in chosen if name != run.id), run.id])
    return (
        Cell(format_minute(run.made_at)),
        Cell(run.account, link=account_path(run.account)),
        Cell(f"{run.start:%Y-%m-%d} to {run.end:%Y-%m-%d}"),
        *(Cell(run.headlines.get(name, "")) for name in _FIGURES),
        Cell("Report", link=f"{_PATH}/{quote(run.id, safe='')}/report") if run.has_report else Cell("none", QUIET),
        Cell("chosen", QUIET) if run.id in chosen else Cell("Compare", link=f"{_PATH}?compare={quote(with_this)}"),
    )


def _compare(found: Compared) -> None:
    words("h2", "Side by side")
    parts = (("Figure", found.figures), ("Made from", found.made_from), ("Configuration", found.configuration))
    for title, lines in parts:
        table(
            (title, *found.runs), [_line(line) for line in lines], otherwise=f"{title}: no difference.", classes="dense"
        )
    link("Compare no more", _PATH)


def _line(line: Line) -> tuple[Cell, ...]:
    name, told = line
    return (Cell(name), *(Cell(value) for value in told))
