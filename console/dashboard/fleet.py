"""The page of the fleet: every account, how it is, and what is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

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
    link,
    money,
    tile,
    words,
)
from console.dashboard.risk import use_kind
from console.dashboard.switch import Switch
from console.dashboard.tables import Table, drawn
from console.dashboard.visit import Visit
from console.services.curves import FleetCurve, fleet_curves
from console.services.health.components import Component
from console.services.risk import AccountRisk, account_risks
from console.services.standings import Standing, fleet_standing
from console.times import format_age, format_minute, format_near, format_next
from desk.adapters.clocks import SystemClock
from desk.model.books import TradingState
from desk.model.scopes import ALL

_HEADINGS = (
    "Account",
    "Mode",
    "Trading",
    "Equity",
    "Today",
    "Drawdown",
    "Exposure",
    "Risk",
    "Open",
    "Last scan",
    "Next",
    "What is wrong",
)
_SHOWN_ELSEWHERE = ("accounts", "configuration")
_JOINED = "Of the last 30 days; an account that is newer counts with its first equity before that."


class _Tile(NamedTuple):
    name: str
    value: str
    kind: str = ""
    note: Cell | None = None


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What the page shows, as it is shown: only what looks otherwise is drawn anew."""

    problem: str
    tiles: tuple[_Tile, ...]
    table: Table
    strangers: tuple[str, ...]


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, visitor, group = visit.room, visit.visitor, visit.asked.get("group", "")
    with frame(room, visitor, ("Fleet", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Fleet")
            live = Live(room, visitor, lambda: _fleet(room, group, live.since), lambda found: _show(found, group))
            with ui.element("div").classes("switches"):
                if group and group in room.files.current().groups:
                    Switch(room, visitor, group, live.refresh, of="group").show()
                Switch(room, visitor, ALL, live.refresh, of="fleet" if group else "").show()
        Live(room, visitor, lambda: _troubles(room), _show_troubles).begin_later(ACCOUNTS)
        await live.begin(ACCOUNTS)
        curves = Live(room, visitor, lambda: _curves(room, group), lambda found: _show_curves(found, group))
        await curves.begin(ACCOUNTS)


async def _fleet(room: Room, group: str, since: datetime) -> _Fleet:
    return await room.shared.newest(("fleet", group), lambda: _read(room, group), since)


async def _curves(room: Room, group: str) -> Sequence[FleetCurve]:
    """The newest that anybody has read: what moves in half a minute is not seen in thirty days."""
    since = room.clock.now() - ACCOUNTS
    return await room.shared.newest(("curves", group), lambda: fleet_curves(room.desk, group), since)


async def _read(room: Room, group: str) -> _Fleet:
    risks = {one.account: one for one in await account_risks(room.desk)}
    standing = await fleet_standing(room.desk)
    shown = of_group(standing.accounts, group)
    otherwise = "No account is in this group." if group else "No accounts are configured."
    table = drawn(*rows_of(shown, risks), otherwise=otherwise, classes="dense")
    return _Fleet(room.files.in_force().problem, tuple(_tiles(shown)), table, standing.strangers)


async def _troubles(room: Room) -> tuple[Component, ...]:
    """What does not work around the accounts; what is wrong with them stands in the table."""
    surveyed = await room.survey.look(room.ledger)
    return tuple(one for one in surveyed.troubles if one.name not in _SHOWN_ELSEWHERE)


def _show_troubles(found: tuple[Component, ...]) -> None:
    for one in found:
        with ui.element("div").classes("notice bad").props("role=alert"):
            words("strong", f"{one.name.replace('_', ' ').capitalize()}: {one.health}.")
            words("span", one.message)


def _show(found: _Fleet, group: str) -> None:
    if found.problem:
        _notice("Scans go by the configuration before this one; live accounts open nothing until it is mended.")
        words("pre", found.problem)
    with ui.element("div").classes("tiles"):
        for one in found.tiles:
            tile(one.name, one.value, one.kind, note=one.note)
    if group:
        words("p", f"Of the group {group} alone.", QUIET)
        link("All accounts", "/")
    found.table.show()
    if found.strangers:
        words("p", f"Also in the ledger, and not configured any more: {', '.join(found.strangers)}.", QUIET)
    words("p", "Times are UTC.", QUIET)


def _show_curves(found: Sequence[FleetCurve], group: str) -> None:
    curves = [curve for curve in found if len(curve.times) > 1]
    if not curves:
        return
    whose = f"the group {group}" if group else "the fleet"
    words("h2", f"Equity of {whose}")
    with ui.element("div").classes("panels"):
        for curve in curves:
            with ui.element("section").classes("panel"):
                words("h3", curve.currency)
                points = list(zip(curve.times, curve.equity, strict=True))
                show_curve(curve.currency, points, f"Equity of {whose} in {curve.currency} over time")
    words("p", _JOINED, QUIET)


def _tiles(accounts: Sequence[Standing]) -> Iterator[_Tile]:
    ill = sum(not one.is_well for one in accounts)
    stopped = sum(standing.restriction.state is not TradingState.ACTIVE for standing in accounts)
    yield _Tile("Active", f"{sum(standing.spec.active for standing in accounts)} of {len(accounts)}")
    yield _Tile("Not well", str(ill), BAD if ill else GOOD)
    yield _Tile("Halted or reduced", str(stopped), BAD if stopped else GOOD)
    yield _Tile("Open positions", str(sum(one.summary.open_positions for one in accounts if one.summary)))
    for currency in dict.fromkeys(standing.spec.currency for standing in accounts):
        mine = [one.summary for one in accounts if one.summary and one.spec.currency == currency]
        today = change(_sum(one.day_profit for one in mine))
        note = Cell(f"{today.text} today", today.kind) if today.text else None
        yield _Tile(f"Equity, {currency}", money(_sum(one.equity for one in mine)), note=note)


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def of_group(accounts: Sequence[Standing], group: str) -> Sequence[Standing]:
    """Return the accounts of a group; all of them where its name is empty."""
    return [one for one in accounts if one.spec.group == group] if group else accounts


def rows_of(
    accounts: Sequence[Standing], risks: Mapping[str, AccountRisk]
) -> tuple[Sequence[str], Sequence[Sequence[Cell]]]:
    """Return the headings of the table and its rows; groups have a column where there are any."""
    rows = [_row(one, risks.get(one.spec.name)) for one in accounts]
    if not any(one.spec.group for one in accounts):
        return _HEADINGS, rows
    cells = [_group(one.spec.group or "") for one in accounts]
    return (*_HEADINGS[:1], "Group", *_HEADINGS[1:]), [
        (*row[:1], cell, *row[1:]) for row, cell in zip(rows, cells, strict=True)
    ]


def _group(name: str) -> Cell:
    return Cell(name, link=f"/?group={name}" if name else "")


def _row(standing: Standing, risk: AccountRisk | None) -> tuple[Cell, ...]:
    spec, summary = standing.spec, standing.summary
    return (
        Cell(spec.name, link=account_path(spec.name)),
        Cell(spec.mode, "" if spec.active else QUIET),
        _trading(standing),
        Cell(money(summary.equity if summary else None, spec.currency)),
        change(summary.day_profit if summary else None),
        drawdown(standing),
        exposure(risk),
        fullest(risk),
        Cell(str(summary.open_positions) if summary else ""),
        last_scan(standing),
        next_run(standing),
        Cell(standing.troubles, "loss"),
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
    shown = format_next(at, SystemClock().now())
    return Cell(shown, title=f"{format_minute(at)} UTC, where nobody has paused it")


def drawdown(standing: Standing) -> Cell:
    """Return how much of its highest equity the account lacks."""
    fraction = standing.summary.drawdown_fraction if standing.summary else None
    return Cell("" if fraction is None else f"{fraction:.1%}")


def exposure(risk: AccountRisk | None) -> Cell:
    """Return what is held, long and short added up, as a multiple of the equity; the amount for who points at it."""
    if risk is None or not (risk.exposure or risk.unvalued):
        return Cell("")
    if (multiple := risk.gross_multiple) is None:
        lacking = f"Without a price: {', '.join(risk.unvalued)}." if risk.unvalued else "Its equity is not known."
        return Cell("unknown", QUIET, title=lacking)
    return Cell(f"{multiple:.2f}", title=money(risk.gross, risk.currency))


def fullest(risk: AccountRisk | None) -> Cell:
    """Return how much of the fullest limit on losses is used; its name for who points at it."""
    if risk is None or (use := risk.fullest) is None:
        return Cell("")
    return Cell(
        f"{use.fraction:.0%}",
        use_kind(use),
        title=f"{use.limit.removesuffix('_fraction').replace('_', ' ')}: {use.told}",
        part=use.fraction,
    )


def _notice(text: str) -> None:
    with ui.element("div").classes("notice bad").props("role=alert"):
        words("strong", text)
