"""Mounts the pages on the app of the API, behind the same gate."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI, Request
from nicegui import ui

from console.api.asking import visitor_of
from console.api.room import Room
from console.dashboard.account import show_account
from console.dashboard.cycle import show_cycle
from console.dashboard.menu import MENU, Entry
from console.dashboard.visit import Visit

_ICON = Path(__file__).with_name("icon.svg")
_PATIENCE = 20.0
"""Seconds that a page may take: longer than the ledger waits for whoever writes into it."""


def mount_pages(app: FastAPI, room: Room) -> None:
    """Add the pages to an app; once in a process, because the library knows one set of pages."""
    ui.add_css(Path(__file__).with_name("desk.css"), shared=True)
    ui.add_body_html(f"<script>{Path(__file__).with_name('keep.js').read_text(encoding='utf-8')}</script>", shared=True)
    for entry in MENU:
        _mount(entry, room)

    @ui.page("/account/{name}", title="Account · Scandesk", response_timeout=_PATIENCE)
    async def account(request: Request, name: str) -> None:
        await show_account(room, visitor_of(request), name)

    @ui.page("/account/{name}/cycle/{close}", title="Cycle · Scandesk", response_timeout=_PATIENCE)
    async def cycle(request: Request, name: str, close: str) -> None:
        await show_cycle(room, visitor_of(request), name, close)

    ui.run_with(
        app,
        title="Scandesk",
        favicon=_ICON,
        dark=None,
        # Nothing is bound to anything here, so nobody has to look ten times a second whether it has changed.
        binding_refresh_interval=None,
        tailwind=False,
        show_welcome_message=False,
    )


def _mount(entry: Entry, room: Room) -> None:
    show: Callable[[Visit], Awaitable[None]] = import_module(f"console.dashboard.{entry.module}").show

    @ui.page(entry.path, title=f"{entry.name} · Scandesk", response_timeout=_PATIENCE)
    async def page(request: Request) -> None:
        await show(Visit(room, visitor_of(request), dict(request.query_params)))
