"""The page of the configuration: its files and what they were before, the keys of the connections, and new ones."""

import asyncio

from nicegui import ui

from console.dashboard.agreeing import ask_to_write
from console.dashboard.credentials import Keys
from console.dashboard.founding import ADD_PATH, show_founding
from console.dashboard.frame import frame
from console.dashboard.live import Live
from console.dashboard.parts import BAD, GOOD, QUIET, Cell, link, tile, words
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.configuration import (
    BackupFacts,
    BackupWanted,
    ConfigurationFacts,
    FileFacts,
    configuration_facts,
    list_backups,
)
from console.times import format_instant
from desk.model.access import Rights

_PAGE = "/configuration"


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room = visit.room
    with frame(room, visit.visitor, ("Configuration", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Configuration")
            if visit.may(Rights.ADMIN):
                link("Add account", ADD_PATH)
        if visit.asked.get("add") and visit.may(Rights.ADMIN):
            show_founding(visit)
        files = Live(room, visit.visitor, lambda: configuration_facts(room.chosen, room.files.in_force()), _show_files)
        await files.begin()
        words("h2", "Keys")
        await Keys(visit).begin()
        words("h2", "Before the last changes")
        await Live(room, visit.visitor, lambda: _read_backups(visit), lambda found: _show_backups(visit, found)).begin()


def _show_files(found: ConfigurationFacts) -> None:
    if not found.is_in_force:
        with ui.element("div").classes("notice bad").props("role=alert"):
            words("strong", "The files cannot be used.")
            words("span", "Scans go by the configuration before; live accounts open nothing until it is mended.")
    problems = sum(len(one.problems) for one in found.files)
    with ui.element("div").classes("tiles"):
        tile(
            "In force", "as it is written" if found.is_in_force else "the one before", "" if found.is_in_force else BAD
        )
        tile("To correct", str(problems), BAD if problems else GOOD)
        tile("Warnings", str(len(found.warnings)))
    table(("File", "State", "Lines", "What is wrong"), [_file(one) for one in found.files], otherwise="")
    for warning in found.warnings:
        words("p", f"Warning: {warning}", QUIET)
    words("p", f"The files are in {found.folder}.", QUIET)


def _file(one: FileFacts) -> tuple[Cell, ...]:
    state = ("not there", QUIET) if one.lines is None else ("to correct", BAD) if one.problems else ("good", GOOD)
    lines = "" if one.lines is None else str(one.lines)
    return Cell(one.file), Cell("", state[1], badge=state[0]), Cell(lines), Cell("; ".join(one.problems), "loss")


async def _read_backups(visit: Visit) -> tuple[BackupFacts, ...]:
    return await asyncio.to_thread(list_backups, visit.room.chosen)


def _show_backups(visit: Visit, found: tuple[BackupFacts, ...]) -> None:
    newest = found[::-1]
    table(
        ("File", "As it was until", "Backup"),
        [_backup(one) for one in newest],
        otherwise="No file was changed by a command or from here yet.",
    )
    if found and visit.may(Rights.ADMIN):
        names = [one.backup for one in newest]
        with ui.element("div").classes("choice"):
            chosen = ui.select(names, value=names[0], label="Backup").props("outlined dense").classes("key")
            ui.button(
                "Show the way back", on_click=lambda: ask_to_write(visit, BackupWanted(str(chosen.value)), _PAGE)
            ).props("outline no-caps")


def _backup(one: BackupFacts) -> tuple[Cell, ...]:
    return Cell(one.file), Cell(format_instant(one.until).partition(".")[0]), Cell(one.backup)
