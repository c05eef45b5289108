"""The page of the logs: the newest lines, of everything or of what is chosen; the address says what was."""

from collections.abc import Callable
from datetime import timedelta
from typing import get_args
from urllib.parse import urlencode

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.lines import show_lines
from console.dashboard.live import Live
from console.dashboard.parts import words
from console.dashboard.visit import Visit
from console.services.logs import Level, LogQuestion, Which, newest_lines
from console.services.opening import FleetFiles
from desk.adapters.logs.reading import LogEntry
from desk.errors import ConfigError

_EVERY = timedelta(seconds=5)
_LINES = 200
_ALL = "all accounts"
_WHICH: tuple[Which, ...] = get_args(Which)
_LEVELS: tuple[Level, ...] = get_args(Level)


async def show(visit: Visit) -> None:
    """Build the page for one browser; of the address, what is none of the words is left out."""
    room, asked = visit.room, visit.asked
    question = LogQuestion(
        next((one for one in _WHICH if one == asked.get("which")), "trading"),
        asked.get("account", ""),
        asked.get("cycle", ""),
        next((one for one in _LEVELS if one == asked.get("level")), "info"),
    )
    with frame(room, visit.visitor, ("Logs", "")):
        words("h1", "Logs")
        _choices(room.files, question)
        live = Live(room, visit.visitor, lambda: newest_lines(room.chosen, question, limit=_LINES), _show)
        await live.begin(_EVERY)


def _show(entries: tuple[LogEntry, ...]) -> None:
    show_lines(tuple(reversed(entries)))
    words("p", f"The newest comes first, up to {_LINES} lines. Times are UTC.", "quiet")


def _choices(files: FleetFiles, question: LogQuestion) -> None:
    accounts = dict.fromkeys((_ALL, *_names(files), *([question.account] if question.account else [])))
    with ui.element("div").classes("choices"):
        _choice("Log", list(_WHICH), question.which, lambda value: _go(question, which=value))
        _choice("Account", list(accounts), question.account or _ALL, lambda value: _go(question, account=value))
        _choice("Level", list(_LEVELS), question.level, lambda value: _go(question, level=value))


def _choice(name: str, options: list[str], chosen: str, go: Callable[[str], None]) -> None:
    ui.select(options, label=name, value=chosen, on_change=lambda event: go(str(event.value))).props("dense outlined")


def _go(question: LogQuestion, **changed: str) -> None:
    asked = {"which": question.which, "account": question.account, "cycle": question.cycle, "level": question.level}
    asked |= {name: "" if value == _ALL else value for name, value in changed.items()}
    ui.navigate.to(f"/logs?{urlencode({name: value for name, value in asked.items() if value})}")


def _names(files: FleetFiles) -> list[str]:
    """The accounts; a configuration that is broken must keep nobody from reading why."""
    try:
        return list(files.current().accounts)
    except ConfigError:
        return []
