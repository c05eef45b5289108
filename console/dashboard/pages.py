"""Mounts the pages on the app of the API, behind the same gate."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

from fastapi import FastAPI, Request, Response
from nicegui import Client, ui
from nicegui import app as pages
from starlette.middleware.gzip import GZipMiddleware

from console.api.asking import visitor_of
from console.api.room import Room
from console.dashboard import universe
from console.dashboard.account import show_account
from console.dashboard.cycle import show_cycle
from console.dashboard.frame import frame
from console.dashboard.menu import BELOW, MENU, Entry
from console.dashboard.parts import link, trouble, words
from console.dashboard.visit import Visit
from desk.adapters.logs.events import log
from desk.errors import DeskError

_ICON = Path(__file__).with_name("icon.svg")
_PATIENCE = 20.0
"""Seconds that a page may take: longer than the ledger waits for whoever writes into it."""
_PACKED = 2
"""How hard files are pressed: the hardest takes six times as long for a sixth less, and nobody is answered then."""


def mount_pages(app: FastAPI, room: Room) -> None:
    """Add the pages to an app; once in a process, because the library knows one set of pages."""
    ui.add_css(Path(__file__).with_name("desk.css"), shared=True)
    ui.add_body_html(f"<script>{Path(__file__).with_name('keep.js').read_text(encoding='utf-8')}</script>", shared=True)
    for entry in (*MENU, *BELOW):
        _mount(entry, room)

    @ui.page("/account/{name}", title="Account · Scandesk", response_timeout=_PATIENCE)
    async def account(request: Request, name: str) -> None:
        await show_account(room, visitor_of(request), name, request.query_params.get("after", ""))

    @ui.page("/account/{name}/cycle/{close}", title="Cycle · Scandesk", response_timeout=_PATIENCE)
    async def cycle(request: Request, name: str, close: str) -> None:
        await show_cycle(room, visitor_of(request), name, close)

    @ui.page("/account/{name}/universe", title="Universe · Scandesk", response_timeout=_PATIENCE)
    async def chosen(request: Request, name: str) -> None:
        await universe.show(Visit(room, visitor_of(request), dict(request.query_params)), name)

    _mount_troubles(room)
    ui.run_with(
        app,
        title="Scandesk",
        favicon=_ICON,
        dark=None,
        # Nothing is bound to anything here, so nobody has to look ten times a second whether it has changed.
        binding_refresh_interval=None,
        tailwind=False,
        show_welcome_message=False,
        gzip_middleware_factory=partial(GZipMiddleware, compresslevel=_PACKED),
    )


def _mount(entry: Entry, room: Room) -> None:
    show: Callable[[Visit], Awaitable[None]] = import_module(f"console.dashboard.{entry.module}").show

    @ui.page(entry.path, title=f"{entry.name} · Scandesk", response_timeout=_PATIENCE)
    async def page(request: Request) -> None:
        visit = Visit(room, visitor_of(request), dict(request.query_params))
        try:
            await show(visit)
        except DeskError as error:
            # Raised before the page had begun: what it is about could not be read.
            with frame(room, visit.visitor, (entry.name, "")):
                words("h1", entry.name)
                trouble(error)


def _mount_troubles(room: Room) -> None:
    """Show in the dress of the other pages that there is no such page, or that one is broken."""

    @pages.exception_handler(HTTPStatus.NOT_FOUND)
    async def missing(request: Request, _error: Exception) -> Response:
        return _said(room, request, HTTPStatus.NOT_FOUND, "There is no such page.")

    @pages.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        log.error("a page is broken", exc_info=error)
        told = "This should not happen; the log of the dashboard says more."
        return _said(room, request, HTTPStatus.INTERNAL_SERVER_ERROR, told)


def _said(room: Room, request: Request, status: HTTPStatus, told: str) -> Response:
    with Client(ui.page(""), request=request) as client:
        with frame(room, visitor_of(request), (status.phrase, "")):
            words("h1", told)
            link("To the fleet", "/")
        return client.build_response(request, status)
