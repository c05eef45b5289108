"""The page of an account: its money, what it holds, its newest cycles and trades."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from nicegui import ui

from console.api.room import Room
from console.dashboard.arming import ArmPanel
from console.dashboard.curve import show_curve
from console.dashboard.fleet import drawdown, last_scan, next_run
from console.dashboard.frame import frame
from console.dashboard.live import Live
from console.dashboard.members import MemberSwitch
from console.dashboard.parts import (
    CYCLE_KINDS,
    QUIET,
    STATE_KINDS,
    Cell,
    account_path,
    badge,
    change,
    chart_path,
    cycle_path,
    empty,
    link,
    money,
    tile,
    words,
)
from console.dashboard.resuming import Press, Resuming
from console.dashboard.schedule import ScheduleSwitch
from console.dashboard.switch import Switch
from console.dashboard.tables import table
from console.dashboard.universe import newest_choice, show_choice
from console.services.accounts import standing_of
from console.services.arming import ArmFacts, arm_of
from console.services.cycles import cycle_page
from console.services.figures import FigureWords, words_for
from console.services.holdings import Held, equity_line, figures_of, positions, trade_page
from console.services.paging import Page, Turn
from console.services.standings import Standing
from console.services.telling import direction, first_words, tell_barriers
from console.times import format_minute
from desk.adapters.ledger.facts import CycleSummary, EquityPoint
from desk.model.access import Visitor
from desk.model.records import Trade
from desk.universe.choosing import Choice

PressOf = Callable[[CycleSummary], Press | None]
_POINTS = 400
_NEWEST = Turn(limit=15)
_HELD = ("Instrument", "Side", "Quantity", "Average price", "Ends at", "Since", "Strategy")
_TRADED = ("Opened", "Instrument", "Side", "Quantity", "Entry", "Exit", "Closed", "By", "Realised", "Fees")


@dataclass(frozen=True, slots=True)
class _Account:
    standing: Standing
    overdue: str
    line: Sequence[EquityPoint]
    held: Sequence[Held]
    cycles: Page[CycleSummary]
    trades: Sequence[Trade]
    arm: ArmFacts | None
    choice: Choice | None
    told: FigureWords


async def show_account(room: Room, visitor: Visitor, name: str, after: str = "") -> None:
    """Build the page of an account for one browser; `after` says which page of its cycles."""
    with frame(room, visitor, ("Fleet", "/"), (name, "")):
        with ui.element("div").classes("heading"):
            words("h1", name)
            resuming = Resuming(room, visitor, name, lambda: live.refresh())
            arm = ArmPanel(room, visitor, name, lambda: live.refresh())
            live = Live(
                room,
                visitor,
                lambda: _read(room, name, Turn(after, _NEWEST.limit)),
                lambda found: _show(found, resuming.press_of, arm),
            )
            with ui.element("div").classes("switches"):
                ScheduleSwitch(room, visitor, name, live.refresh).show()
                MemberSwitch(room, visitor, name).show()
                Switch(room, visitor, name, live.refresh).show()
        await live.begin()


async def _read(room: Room, name: str, turn: Turn) -> _Account:
    desk = room.desk
    standing = await standing_of(desk, name)
    held, trades = await positions(desk, name), (await trade_page(desk, name, _NEWEST)).rows
    return _Account(
        standing=standing,
        overdue=standing.missing,
        line=await equity_line(desk, name, points=_POINTS),
        held=held,
        cycles=await cycle_page(desk, name, turn),
        trades=trades,
        told=words_for(desk.fleet, figures_of(name, held, trades)),
        arm=await arm_of(desk, name, allows_live=room.chosen.allows_live),
        choice=await newest_choice(desk, name) if standing.spec.universe else None,
    )


def _show(found: _Account, press_of: PressOf, arm: ArmPanel) -> None:
    standing = found.standing
    _heading(standing)
    for wrong in filter(None, (found.overdue, standing.wrong)):
        with ui.element("div").classes("notice bad").props("role=alert"):
            words("span", wrong)
    _tiles(standing)
    if found.arm is not None:
        arm.show(found.arm)
    words("h2", "Equity")
    _chart(found.line, standing.spec.currency)
    words("h2", "Positions")
    table(_HELD, [_position(standing.spec.name, one, found.told) for one in found.held], otherwise="Nothing is held.")
    _cycles(standing.spec.name, found.cycles, press_of)
    words("h2", "Newest trades")
    table(_TRADED, [_trade(one, found.told) for one in found.trades], otherwise="It has not traded yet.")
    if standing.spec.universe:
        show_choice(standing.spec.name, standing.spec.universe, found.choice)


def _cycles(account: str, page: Page[CycleSummary], press_of: PressOf) -> None:
    words("h2", "Cycles").props["id"] = "cycles"
    rows = [_cycle(account, one, press_of(one)) for one in page.rows]
    table(("Candle", "Result", "Took", "Equity", "Detail"), rows, otherwise="It was never scanned.")
    if page.next:
        link("Older cycles", f"{account_path(account)}?after={quote(page.next)}#cycles")


def _heading(standing: Standing) -> None:
    spec = standing.spec
    with ui.element("p").classes("badges"):
        badge(spec.mode)
        if not spec.active:
            badge("not scanned")
        badge(f"trading {standing.restriction.state}", STATE_KINDS[standing.restriction.state])
        words("span", f"{spec.venue}, {spec.timeframe}, {', '.join(one.name for one in spec.strategies)}", QUIET)
        link("Chart", chart_path(spec.name))
        link("Trades", f"/trades?account={spec.name}")
        link("Rules", f"/risk?account={spec.name}")
        if spec.universe:
            link("Universe", "#universe")
    if spec.description:
        words("p", spec.description, QUIET)


def _tiles(standing: Standing) -> None:
    summary, scan = standing.summary, last_scan(standing)
    today = change(summary.day_profit if summary else None)
    with ui.element("div").classes("tiles"):
        tile("Equity", money(summary.equity if summary else None, standing.spec.currency))
        tile("Today", today.text, today.kind)
        tile("Open positions", str(summary.open_positions if summary else 0))
        tile("Drawdown", drawdown(standing).text)
        tile("Next run", next_run(standing).text)
        tile("Last scan", scan.badge or scan.text, note=Cell(scan.text) if scan.badge else None)


def _chart(line: Sequence[EquityPoint], currency: str) -> None:
    if len(line) < 2:
        empty("There is no line before equity was written down twice.")
        return
    show_curve(currency, [(point.at, point.equity) for point in line], "Equity over time")


def _position(account: str, held: Held, told: FigureWords) -> tuple[Cell, ...]:
    one = held.position
    return (
        Cell(one.instrument, link=chart_path(account, one.instrument)),
        Cell(direction(one.side)),
        Cell(told.quantities.tell(one.instrument, abs(one.quantity))),
        Cell(told.prices.tell(one.instrument, held.average_price)),
        Cell(tell_barriers(one.instrument, one.barriers, told.prices)),
        Cell(format_minute(one.opened_at)),
        Cell(one.strategy),
    )


def _cycle(account: str, one: CycleSummary, press: Press | None) -> tuple[Cell, ...]:
    close, resume = one.key.candle_close, "" if press is None else "Resume run"
    took = "" if one.finished_at is None else f"{(one.finished_at - one.started_at).total_seconds():.2f} s"
    return (
        Cell(format_minute(close), link=cycle_path(account, close)),
        Cell(resume, CYCLE_KINDS.get(one.state, QUIET), badge=one.state, press=press),
        Cell(took),
        Cell(money(one.equity)),
        Cell(first_words(one.detail), QUIET),
    )


def _trade(one: Trade, told: FigureWords) -> tuple[Cell, ...]:
    return (
        Cell(format_minute(one.opened_at)),
        Cell(one.instrument),
        Cell(direction(one.side)),
        Cell(told.quantities.tell(one.instrument, one.entry_quantity)),
        Cell(told.prices.tell(one.instrument, one.entry_price)),
        Cell(told.prices.tell(one.instrument, one.exit_price)),
        Cell("open", QUIET) if one.closed_at is None else Cell(format_minute(one.closed_at)),
        Cell(one.exit_reason),
        change(one.realised_profit),
        Cell(money(one.fees)),
    )
