"""The page of the logs: the newest lines, of everything or of what is chosen; the address says what was."""

from collections.abc import Callable
from datetime import timedelta
from typing import get_args
from urllib.parse import urlencode

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.lines import show_lines
from console.dashboard.live import Live
from console.dashboard.parts import link, words
from console.dashboard.visit import Visit
from console.services.logs import Level, LogQuestion, PageOfLines, Which, page_of_lines
from console.services.opening import FleetFiles
from desk.errors import ConfigError

_EVERY = timedelta(seconds=5)
_LINES = 200
_ALL, _SHOWN = "all accounts", "shown"
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
        with_idle=asked.get("watches") == _SHOWN,
    )
    with frame(room, visit.visitor, ("Logs", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Logs")
            link("Messages", "/messages")
        _choices(room.files, question)
        live = Live(room, visit.visitor, lambda: page_of_lines(room.chosen, question, limit=_LINES), _show)
        await live.begin(_EVERY)


def _show(found: PageOfLines) -> None:
    if found.left_out:
        words("p", f"{found.left_out:,} lines of watches that had nothing to do are left out.", "quiet")
    show_lines(found.entries)
    words("p", f"The newest comes first, up to {_LINES} lines. Times are UTC.", "quiet")


def _choices(files: FleetFiles, question: LogQuestion) -> None:
    accounts = dict.fromkeys((_ALL, *_names(files), *([question.account] if question.account else [])))
    with ui.element("div").classes("choices"):
        _choice("Log", list(_WHICH), question.which, lambda value: _go(question, which=value))
        _choice("Account", list(accounts), question.account or _ALL, lambda value: _go(question, account=value))
        _choice("Level", list(_LEVELS), question.level, lambda value: _go(question, level=value))
        ui.checkbox(
            "Watches that had nothing to do, too",
            value=question.with_idle,
            on_change=lambda event: _go(question, watches=_SHOWN if event.value else ""),
        )


def _choice(name: str, options: list[str], chosen: str, go: Callable[[str], None]) -> None:
    ui.select(options, label=name, value=chosen, on_change=lambda event: go(str(event.value))).props("dense outlined")


def _go(question: LogQuestion, **changed: str) -> None:
    asked = {"which": question.which, "account": question.account, "cycle": question.cycle, "level": question.level}
    asked["watches"] = _SHOWN if question.with_idle else ""
    asked |= {name: "" if value == _ALL else value for name, value in changed.items()}
    ui.navigate.to(f"/logs?{urlencode({name: value for name, value in asked.items() if value})}")


def _names(files: FleetFiles) -> list[str]:
    """The accounts; a configuration that is broken must keep nobody from reading why."""
    try:
        return list(files.current().accounts)
    except ConfigError:
        return []
