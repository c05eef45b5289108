"""The page of the fleet: every account, how it is, and what is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nicegui import ui

from console.api.room import Room
from console.dashboard.curve import show_curve
from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import (
    BAD,
    CYCLE_KINDS,
    GOOD,
    QUIET,
    STATE_KINDS,
    Cell,
    account_path,
    change,
    cycle_path,
    money,
    table,
    tile,
    words,
)
from console.dashboard.switch import Switch
from console.dashboard.visit import Visit
from console.services.curves import FleetCurve, fleet_curves
from console.services.opening import OpenDesk
from console.services.standings import FleetStanding, Standing, fleet_standing
from console.times import format_age, format_minute, format_near
from desk.adapters.clocks import SystemClock
from desk.model.books import TradingState

_HEADINGS = ("Account", "Mode", "Trading", "Equity", "Today", "Drawdown", "Open", "Last scan", "Next", "What is wrong")
_JOINED = "Of the last 30 days; an account that is newer counts with its first equity before that."


@dataclass(frozen=True, slots=True)
class _Fleet:
    standing: FleetStanding
    curves: Sequence[FleetCurve]


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, visitor = visit.room, visit.visitor
    with frame(room, visitor, ("Fleet", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Fleet")
            live = Live(room, visitor, lambda: _read(room.desk), lambda found: _show(room, found))
            Switch(room, visitor, "fleet", live.refresh).show()
        await live.begin(ACCOUNTS)


async def _read(desk: OpenDesk) -> _Fleet:
    return _Fleet(await fleet_standing(desk), await fleet_curves(desk))


def _show(room: Room, found: _Fleet) -> None:
    if problem := room.files.in_force().problem:
        _notice("Scans go by the configuration before this one; live accounts open nothing until it is mended.")
        words("pre", problem)
    standing = found.standing
    _tiles(standing.accounts)
    table(_HEADINGS, [_row(one) for one in standing.accounts], otherwise="No accounts are configured.")
    if standing.strangers:
        words("p", f"Also in the ledger, and not configured any more: {', '.join(standing.strangers)}.", QUIET)
    words("p", "Times are UTC.", QUIET)
    _curves([curve for curve in found.curves if len(curve.times) > 1])


def _curves(curves: Sequence[FleetCurve]) -> None:
    if not curves:
        return
    words("h2", "Equity of the fleet")
    with ui.element("div").classes("panels"):
        for curve in curves:
            with ui.element("section").classes("panel"):
                words("h3", curve.currency)
                points = list(zip(curve.times, curve.equity, strict=True))
                show_curve(curve.currency, points, f"Equity of all accounts in {curve.currency} over time")
    words("p", _JOINED, QUIET)


def _tiles(accounts: Sequence[Standing]) -> None:
    ill = sum(not standing.is_well for standing in accounts)
    stopped = sum(standing.restriction.state is not TradingState.ACTIVE for standing in accounts)
    with ui.element("div").classes("tiles"):
        tile("Active", f"{sum(standing.spec.active for standing in accounts)} of {len(accounts)}")
        tile("Not well", str(ill), BAD if ill else GOOD)
        tile("Halted or reduced", str(stopped), BAD if stopped else GOOD)
        tile("Open positions", str(sum(one.summary.open_positions for one in accounts if one.summary)))
        for currency in dict.fromkeys(standing.spec.currency for standing in accounts):
            mine = [one.summary for one in accounts if one.summary and one.spec.currency == currency]
            today = change(_sum(one.day_profit for one in mine))
            note = Cell(f"{today.text} today", today.kind) if today.text else None
            tile(f"Equity, {currency}", money(_sum(one.equity for one in mine)), note=note)


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _row(standing: Standing) -> tuple[Cell, ...]:
    spec, summary = standing.spec, standing.summary
    return (
        Cell(spec.name, link=account_path(spec.name)),
        Cell(spec.mode, "" if spec.active else QUIET),
        _trading(standing),
        Cell(money(summary.equity if summary else None, spec.currency)),
        change(summary.day_profit if summary else None),
        drawdown(standing),
        Cell(str(summary.open_positions) if summary else ""),
        last_scan(standing),
        next_run(standing),
        Cell(standing.wrong, "loss"),
    )


def _trading(standing: Standing) -> Cell:
    state = standing.restriction.state
    if not standing.spec.active and state is TradingState.ACTIVE:
        return Cell("", QUIET, badge="off")
    return Cell("", STATE_KINDS[state], badge=state)


def last_scan(standing: Standing) -> Cell:
    """Return what became of the newest cycle, and how long ago that was."""
    cycle, age = standing.cycle, standing.age
    if cycle is None or age is None:
        return Cell("never", QUIET)
    when = f"{format_near(cycle.key.candle_close, age)}, {format_age(age)}"
    path = cycle_path(standing.spec.name, cycle.key.candle_close)
    return Cell(when, CYCLE_KINDS.get(cycle.state, QUIET), path, cycle.state)


def next_run(standing: Standing) -> Cell:
    """Return when the account is scanned next by its schedule, with the day for who points at it."""
    if not standing.spec.active:
        return Cell("off", QUIET)
    at = standing.next_run
    if at is None:
        return Cell(
            "unknown", QUIET, title="Its rule has come to its end, or counts from a day that is not known here."
        )
    return Cell(format_near(at, at - SystemClock().now()), title=f"{format_minute(at)} UTC, where nobody has paused it")


def drawdown(standing: Standing) -> Cell:
    """Return how much of its highest equity the account lacks."""
    fraction = standing.summary.drawdown_fraction if standing.summary else None
    return Cell("" if fraction is None else f"{fraction:.1%}")


def _notice(text: str) -> None:
    with ui.element("div").classes("notice bad").props("role=alert"):
        words("strong", text)
