"""The door: a browser logs in by the link of the start or by name and password, and gets a session."""

from dataclasses import dataclass
from functools import cache
from html import escape
from http import HTTPStatus
from math import ceil
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from console.api.asking import AnyVisitor, InRoom
from console.api.gate import COOKIE
from console.api.keys import csrf_of
from console.api.passwords import is_password
from console.api.places import is_this_machine
from console.api.room import SESSION_LASTS, Room
from desk.model.access import Rights, Visitor

router = APIRouter(tags=["enter"])

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_LONGEST_PATH = 500


_DOOR: dict[int | str, dict[str, Any]] = {
    HTTPStatus.SEE_OTHER: {"description": "Who is let in is led on."},
    HTTPStatus.UNAUTHORIZED: {"description": "The door again, with what does not fit.", "content": {"text/html": {}}},
    HTTPStatus.TOO_MANY_REQUESTS: {
        "description": "The door is shut for a while; a problem document where the address calls too often.",
        "content": {"text/html": {}, "application/problem+json": {}},
    },
}


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in; `csrf` goes along with every write as the header X-CSRF-Token, empty for a program."""

    name: str
    rights: Rights
    csrf: str


@router.get("/login", response_class=HTMLResponse, responses=_DOOR)
async def door(request: Request, room: InRoom, key: str = "", next: str = "/") -> Response:  # noqa: A002 - a word of the address
    """Show the door, or let in who has the link."""
    if not key:
        return _page(next)
    if wait := _wait(request, room):
        return wait
    if not room.link.take(key):
        room.attempts.fail(_address(request))
        return _page(next, "This link was used before, or is too old. Start the server again for a new one.")
    return await _let_in(request, room, room.owner, next)


@router.post("/login", response_class=HTMLResponse, responses=_DOOR)
async def enter(
    request: Request,
    room: InRoom,
    name: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form(max_length=_LONGEST_PATH)] = "/",  # noqa: A002 - a word of the form
) -> Response:
    """Let in who has a password."""
    if wait := _wait(request, room):
        return wait
    # Counted before it is compared: many at once must not all be compared before the first is counted.
    room.attempts.fail(_address(request))
    found = await room.ledger.password_of(name)
    async with room.comparing:
        fits = await is_password(password, found[0] if found else None)
    if not fits:
        return _page(next, "Name and password do not fit.", HTTPStatus.UNAUTHORIZED)
    assert found is not None, name
    room.attempts.forgive(_address(request))
    return await _let_in(request, room, Visitor(name, found[1]), next)


@router.get("/api/session")
async def session(request: Request, visitor: AnyVisitor) -> Session:
    """Who is asking."""
    csrf = csrf_of(request.cookies[COOKIE]) if visitor.session else ""
    return Session(visitor.name, visitor.rights, csrf)


@router.delete("/api/session", status_code=HTTPStatus.NO_CONTENT)
async def leave(room: InRoom, visitor: AnyVisitor, response: Response) -> None:
    """Log out."""
    await room.ledger.end_session(visitor)
    response.delete_cookie(COOKIE)


async def _let_in(request: Request, room: Room, visitor: Visitor, target: str) -> Response:
    reply = RedirectResponse(inside(target), HTTPStatus.SEE_OTHER)
    reply.set_cookie(
        COOKIE,
        await room.begin_session(visitor),
        max_age=int(SESSION_LASTS.total_seconds()),
        # Some browsers keep no secure cookie of http://127.0.0.1, where nothing leaves the machine.
        secure=request.url.scheme == "https" or not is_this_machine(request.url.hostname or ""),
        httponly=True,
        samesite="lax",
    )
    return reply


def _wait(request: Request, room: Room) -> Response | None:
    patience = room.attempts.patience(_address(request))
    if not patience:
        return None
    seconds = ceil(patience.total_seconds())
    said = f"Too many attempts. Try again in {ceil(seconds / 60)} min."
    reply = _page("/", said, HTTPStatus.TOO_MANY_REQUESTS)
    reply.headers["retry-after"] = str(seconds)
    return reply


def _page(target: str, said: str = "", status: int = HTTPStatus.OK) -> Response:
    page = _template().replace("{{said}}", escape(said)).replace("{{next}}", escape(inside(target)))
    return HTMLResponse(page, status, {"content-security-policy": _POLICY})


@cache
def _template() -> str:
    return Path(__file__).with_name("login.html").read_text(encoding="utf-8")


def inside(target: str) -> str:
    """Return a path of ours as it is, and `/` for whatever else stands in an address, or is too long for the form."""
    is_path = len(target) <= _LONGEST_PATH and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and target.isprintable() and "\\" not in target else "/"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
