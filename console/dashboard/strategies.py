"""The page of strategies: who trades by which, with what parameters, how it does; another one or other values."""

from textwrap import shorten

from nicegui import ui

from console.dashboard.editor import show_editor
from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import (
    QUIET,
    STATE_KINDS,
    Cell,
    account_path,
    change,
    choices,
    strategy_path,
    tile,
    words,
)
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.comparing import AccountsCompared, compare_accounts, tell_comparison, tell_verdict_of
from console.services.performing import tell_performance
from console.services.plugins import Parameter
from console.services.strategies import StrategyFacts, StrategyUse, fleet_strategies
from desk.model.access import Rights
from desk.model.books import TradingState

_HEADINGS = (
    *("Account", "Parameters", "Trades", "Win rate", "Profit", "A trade", "R a trade", "Profit factor"),
    *("Max drawdown", "May trade", ""),
)
_SHOWN = 60
_PARAMETERS = ("Parameter", "Range", "Default", "Meaning")


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, edited = visit.room, visit.asked.get("edit", "")
    may_edit = visit.may(Rights.ADMIN)
    with frame(room, visit.visitor, ("Strategies", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Strategies")
        live = Live(
            room, visit.visitor, lambda: fleet_strategies(room.desk), lambda found: _show(found, may_edit=may_edit)
        )
        if edited and may_edit:
            await show_editor(visit, edited)
        await _compare(visit)
        await live.begin(ACCOUNTS)


async def _compare(visit: Visit) -> None:
    """Let two accounts be chosen, and show them side by side."""
    room, first, second = visit.room, visit.asked.get("first", ""), visit.asked.get("second", "")
    names = list(room.files.current().accounts)
    with ui.element("form").classes("filters").props('method=get action="/strategies"'):
        choices("Compare", "first", names, first, everything="choose")
        choices("with", "second", names, second, everything="choose")
        words("button", "Compare", "plain").props("type=submit")
    if first and second:
        await Live(
            room, visit.visitor, lambda: compare_accounts(room.desk, first, second, since=None), _compared
        ).begin(ACCOUNTS)


def _compared(found: AccountsCompared) -> None:
    rows = [tell_comparison(name, found.accounts, one) for name, one in found.found.items()]
    with ui.element("section").classes("panel"):
        headings = [name if name in found.accounts else f"{name[:1].upper()}{name[1:]}" for name in rows[0]]
        table(headings, [tuple(Cell(text) for text in row.values()) for row in rows], otherwise="")
        for name, one in found.found.items():
            words("p", f"{name}: {tell_verdict_of(one)}.")
        words("p", f"They differ in: {', '.join(found.differ_in) or 'nothing that shapes decisions'}.", QUIET)


def _show(found: tuple[StrategyFacts, ...], *, may_edit: bool) -> None:
    used = [one for one in found if one.uses]
    stopped = [use for one in used for use in one.uses if use.state is not TradingState.ACTIVE]
    with ui.element("div").classes("tiles"):
        tile("Strategies in use", f"{len(used)} of {len(found)}")
        tile("Accounts that trade by one", str(len({use.account for one in used for use in one.uses})))
        tile("Closed trades", f"{sum(_trades(use) for one in used for use in one.uses):,}")
        tile("In quarantine or halted", str(len(stopped)), "bad" if stopped else "good")
    for one in used:
        with ui.element("section").classes("panel"):
            _strategy(one)
            table(_HEADINGS, [_use(use, may_edit=may_edit) for use in one.uses], otherwise="")
    words("h2", "Not in use")
    rows = [(Cell(one.name), Cell(one.summary), Cell(one.candles)) for one in found if not one.uses]
    table(("Strategy", "What it does", "Made for"), rows, otherwise="Every strategy is in use.")


def _trades(use: StrategyUse) -> int:
    return use.performance.trades if use.performance else 0


def _strategy(one: StrategyFacts) -> None:
    words("h3", one.name)
    words("p", f"{one.summary} Made for candles of {one.candles}.", QUIET)
    with ui.element("details"):
        words("summary", f"{one.name} takes {len(one.parameters)} parameters")
        table(_PARAMETERS, [_parameter(each) for each in one.parameters], otherwise="It takes none.")


def _parameter(one: Parameter) -> tuple[Cell, ...]:
    return Cell(one.name), Cell(one.range), Cell(one.default), Cell(one.meaning, QUIET)


def _use(use: StrategyUse, *, may_edit: bool) -> tuple[Cell, ...]:
    written = ", ".join(f"{name} {value}" for name, value in use.parameters.items())
    weight = "" if use.weight == 1 else f"weight {use.weight:g}"
    shown = shorten("; ".join(part for part in (written, weight) if part) or "defaults", _SHOWN, placeholder=" …")
    told = tell_performance(use.performance) if use.performance else {}
    figures = (str(told.get(name, "")) for name in ("a trade", "R a trade", "profit factor", "max drawdown"))
    return (
        Cell(use.account, "" if use.active else QUIET, account_path(use.account)),
        Cell(shown, "" if shown != "defaults" else QUIET, title=written),
        Cell(str(told.get("trades", 0))),
        Cell(str(told.get("win rate", ""))),
        change(use.performance.profit if use.performance else None),
        *(Cell(figure) for figure in figures),
        _may_trade(use),
        Cell("Edit", link=strategy_path(use.place)) if may_edit else Cell(""),
    )


def _may_trade(use: StrategyUse) -> Cell:
    if not use.active and use.state is TradingState.ACTIVE:
        return Cell("", QUIET, badge="off")
    return Cell("", STATE_KINDS[use.state], badge=use.state.replace("_", " "), title=use.why)
