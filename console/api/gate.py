"""The gate before everything: who comes by which name, from which page, with which key; and what browsers are told."""

import hmac
from base64 import b64decode
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.keys import csrf_of, digest_of
from console.api.problems import problem
from console.api.room import Room
from desk.errors import LedgerError
from desk.model.access import Visitor

COOKIE = "desk_session"
CSRF_HEADER = "x-csrf-token"
_PUBLIC = frozenset({"/healthz", "/readyz", "/login", "/favicon.ico"})
_ACTIONS = frozenset({"/start", "/stop"})
_FREQTRADE, _LOG_IN = "/freqtrade/", "/token/login"
_LONGEST_FORM = 10_000
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    # The pages' library compiles its templates in the browser, which needs eval; nothing comes from elsewhere.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    # Not "no-referrer": under it browsers send the form of the door as from nowhere, with the origin "null".
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a request pass to the app with `state.visitor` set, None at the public doors, or answers it itself."""

    app: ASGIApp
    room: Room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection as ASGI has it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        visitor, refusal = None, self._wrong_place(asked)
        if refusal is None:
            visitor, refusal = await self._look_at(asked)
        if refusal is None:
            scope.setdefault("state", {})["visitor"] = visitor
            await self.app(scope, receive, _with_headers(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _with_headers(scope, send))

    def _wrong_place(self, asked: HTTPConnection) -> Response | None:
        """Refuse who calls us by a name that is not ours, or comes from a page that is not ours."""
        host = asked.headers.get("host", "")
        if self.room.hosts and (urlsplit(f"//{host}").hostname or "") not in self.room.hosts:
            expected = " or ".join(sorted(self.room.hosts))
            return problem(HTTPStatus.MISDIRECTED_REQUEST, f"expected the host {expected}, found '{host}'")
        origin = asked.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return problem(HTTPStatus.FORBIDDEN, f"expected a page of {host}, found the origin '{origin}'")
        return _too_much(asked)

    async def _look_at(self, asked: HTTPConnection) -> tuple[Visitor | None, Response | None]:
        try:
            visitor = await visitor_in(self.room, asked)
        except LedgerError as error:
            is_public = asked.url.path in _PUBLIC
            return None, None if is_public else problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        if refusal := self._too_often(visitor, asked):
            return None, refusal
        if visitor is None:
            return None, None if asked.url.path in _PUBLIC else _ask_in(asked)
        return visitor, _forged(asked) if visitor.session else None

    def _too_often(self, visitor: Visitor | None, asked: HTTPConnection) -> Response | None:
        address = asked.client.host if asked.client else ""
        return self.room.limits.refusal(visitor, address, asked.url.path, self.room.clock.now())


def _too_much(asked: HTTPConnection) -> Response | None:
    """Refuse what a stranger could fill the memory with."""
    length = asked.headers.get("content-length", "0" if asked.scope.get("method") in _HARMLESS else "")
    if asked.url.path not in _PUBLIC or (length.isdigit() and int(length) <= _LONGEST_FORM):
        return None
    expected = f"expected a body of up to {_LONGEST_FORM} bytes whose length is told, found '{length}'"
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, expected)


async def visitor_in(room: Room, asked: HTTPConnection) -> Visitor | None:
    """Return who asks, by token or session; None for a stranger.

    Raises:
        LedgerError: nobody can be looked up.
    """
    token = token_in(asked)
    if token is not None:
        return await room.ledger.visitor_with_token(digest_of(token))
    cookie = asked.cookies.get(COOKIE)
    return await room.ledger.visitor_with_session(digest_of(cookie)) if cookie else None


def token_in(asked: HTTPConnection) -> str | None:
    """Return the token that comes along, None where none does.

    Clients of freqtrade can send a name and a password only: below its addresses the token may be that password. A
    browser sends a password that it knows by itself, and must not be made to order something with it: for a write, it
    counts from programs alone.
    """
    kind, _, key = asked.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return key.strip()
    if kind.lower() == "basic" and asked.url.path.startswith(_FREQTRADE) and (_is_look(asked) or _is_program(asked)):
        return _password_in(key.strip())
    return None


def _is_look(asked: HTTPConnection) -> bool:
    return asked.scope.get("method") in ("GET", "HEAD")


def _is_program(asked: HTTPConnection) -> bool:
    """Whether no browser sends this: it would say from where, or for what, or have a cookie with it.

    Of the oldest ones, which say neither, a page gets no body of JSON sent without asking first, and that we refuse.
    To log in changes nothing, and its programs send no body.
    """
    sent = asked.headers
    is_browser = "origin" in sent or "cookie" in sent or any(name.startswith("sec-fetch-") for name in sent)
    is_json = sent.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    return asked.scope.get("method") == "POST" and not is_browser and (is_json or asked.url.path.endswith(_LOG_IN))


def _password_in(key: str) -> str:
    try:
        return b64decode(key, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _ask_in(asked: HTTPConnection) -> Response:
    """Send a browser to the door, and tell a program what it lacks."""
    if "text/html" in asked.headers.get("accept", "") and not asked.url.path.startswith("/api/"):
        wanted = f"{asked.url.path}?{asked.url.query}" if asked.url.query else asked.url.path
        return RedirectResponse(f"/login?next={quote(wanted)}", HTTPStatus.SEE_OTHER)
    expected = "expected a token (`desk tokens create`) or a session (/login), found neither, or one that has ended"
    return problem(HTTPStatus.UNAUTHORIZED, expected, {"www-authenticate": "Bearer"})


def _forged(asked: HTTPConnection) -> Response | None:
    """Refuse a write that a browser may have been made to send: its cookie comes along by itself."""
    if asked.scope.get("method", "GET") in _HARMLESS and asked.scope["type"] == "http":
        return None
    if "origin" not in asked.headers:
        return problem(HTTPStatus.FORBIDDEN, "expected the header Origin with a write of a browser, found none")
    if asked.scope["type"] == "websocket" or not _is_api(asked.url.path):
        return None
    if not hmac.compare_digest(asked.headers.get(CSRF_HEADER, ""), csrf_of(asked.cookies[COOKIE])):
        return problem(HTTPStatus.FORBIDDEN, "expected the header X-CSRF-Token of /api/session, found another or none")
    return None


def _is_api(path: str) -> bool:
    return path.startswith(("/api/", _FREQTRADE)) or path in _ACTIONS


def _with_headers(scope: Scope, send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if not _is_asset(scope, headers):
                headers["cache-control"] = "no-store"
        await send(message)

    return told


def _is_asset(scope: Scope, headers: Headers) -> bool:
    return str(scope["path"]).startswith("/_nicegui/") and "cache-control" in headers
