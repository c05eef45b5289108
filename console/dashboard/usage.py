"""The page of calls: how often each venue was called, how much of its limits that is, which pauses it ordered."""

from datetime import timedelta

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import ACCOUNTS, Live
from console.dashboard.parts import BAD, CAREFUL, GOOD, QUIET, Cell, meter, words
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.usage import Called, Endpoint, calls_of, tell_level, tell_pause
from console.times import format_age, format_near
from desk.adapters.budget.facts import Level
from desk.adapters.budget.limits import Period
from desk.adapters.budget.usage import Usage

_HEADINGS = ("Venue", "Endpoint", "This hour", "24 hours", "Errors", "Limited", "Refused", "Last")
_DAY = timedelta(days=1)
_NOTHING = "No call was counted in the last 24 hours: paper accounts on made or recorded candles need none."
_FEW, _MANY = 0.7, 0.9


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room = visit.room
    with frame(room, visit.visitor, ("Usage", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Calls to venues")
        await Live(room, visit.visitor, lambda: calls_of(room.ledger, _DAY), _show).begin(ACCOUNTS)


def _show(called: Called) -> None:
    usage = called.usage
    for pause in usage.pauses:
        if pause.until > usage.at:
            with ui.element("div").classes("notice bad").props("role=alert"):
                words("span", f"{pause.scope} {tell_pause(pause, usage.at)}")
    if usage.levels:
        words("h2", "Limits")
        for level in usage.levels:
            _level(level, usage)
    words("h2", "Endpoints")
    table(_HEADINGS, [_row(one, usage) for one in called.endpoints], otherwise=_NOTHING)
    words("p", "Limited: the venue said that it was too much. Refused: not sent, by the budget.", QUIET)


def _level(level: Level, usage: Usage) -> None:
    is_short = level.period is Period.SECOND
    used = 1 - level.room / level.calls if is_short else usage.calls(level.scope, level.period) / level.calls
    kind = GOOD if used < _FEW else CAREFUL if used < _MANY else BAD
    meter(str(level.scope), used, tell_level(level, usage), kind)


def _row(one: Endpoint, usage: Usage) -> tuple[Cell, ...]:
    age = usage.at - one.last_at
    return (
        Cell(str(one.scope)),
        Cell(one.name),
        Cell(f"{one.this_hour:,}"),
        Cell(f"{one.calls:,}"),
        Cell(f"{one.errors:,}"),
        Cell(f"{one.limited:,}", "loss" if one.limited else ""),
        Cell(f"{one.refused:,}", "loss" if one.refused else ""),
        Cell(f"{format_near(one.last_at, age)}, {format_age(age)}"),
    )
