"""What every page has around it: its name, the way back, the other pages, who is logged in."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from console.api.room import Room
from console.dashboard.menu import MENU
from console.dashboard.parts import link, trouble, words
from desk.errors import DeskError
from desk.model.access import Visitor

_CONTENT = "content"


@contextmanager
def frame(room: Room, visitor: Visitor, *trail: tuple[str, str]) -> Iterator[None]:
    """Put what is in the context under the head of the page, and why it is not whole where it cannot be.

    Args:
        room: of the app.
        visitor: who is logged in.
        trail: names and addresses of the pages above this one, and the name of this one without an address.
    """
    ui.dark_mode(None)
    ui.colors(primary="#1f6feb", negative="#b3261e", positive="#146c34")
    words("a", "Skip to the content", "skip").props(f"href=#{_CONTENT}")
    with ui.element("header").classes("top"):
        with ui.element("div").classes("head"):
            _trail(trail)
            with ui.element("div").classes("who"):
                words("span", visitor.name, "quiet")
                ui.button("Log out", on_click=lambda: _log_out(room, visitor)).props("flat dense no-caps")
        _menu(trail[0][0])
    with ui.element("main").classes("page").props(f"id={_CONTENT} tabindex=-1"):
        try:
            yield
        except DeskError as error:
            trouble(error)


def _trail(trail: tuple[tuple[str, str], ...]) -> None:
    with ui.element("nav").classes("trail").props('aria-label="Where you are"'):
        link("Scandesk", "/")
        for name, address in trail:
            words("span", "/", "quiet")
            if address:
                link(name, address)
            else:
                words("span", name)


def _menu(here: str) -> None:
    with ui.element("nav").classes("menu").props('aria-label="Pages"'):
        for entry in MENU:
            link(entry.name, entry.path).classes("here" if entry.name == here else "")


async def _log_out(room: Room, visitor: Visitor) -> None:
    try:
        await room.ledger.end_session(visitor)
    except DeskError as error:
        ui.notify(f"You are still logged in: {error}", type="negative", multi_line=True)
        return
    ui.navigate.to("/login")
