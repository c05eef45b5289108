"""A Bot API of the tests' own: keeps what is sent, hands out what is typed and pressed, and can be out of order."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TOKEN = "123456:canary-of-the-token-5d1f"
ANN, CHAT = 7, 4242
_NOTHING_COMES = 0.05
"""Seconds after which a question for what was typed is answered with nothing; Telegram waits for longer."""


@dataclass
class BotApi:
    """The state of the server.

    Attributes:
        calls: every method that was called, with what came along.
        is_down: answer 502 to everything.
        refused: how often it did.
    """

    url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    is_down: bool = False
    refused: int = 0
    _updates: list[dict[str, Any]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _count: int = 0

    def type(self, text: str, *, chat: int = CHAT, user: int = ANN) -> None:
        """Let somebody type something."""
        self._add({"message": {**self._message(text, chat), "from": _user(user)}})

    def press(self, key: str, *, chat: int = CHAT, user: int = ANN) -> None:
        """Let somebody press a button."""
        message = self._message("below this", chat)
        self._add(
            {"callback_query": {"id": "1", "from": _user(user), "chat_instance": "1", "data": key, "message": message}}
        )

    def sent(self) -> list[dict[str, Any]]:
        """Return the messages that the bot has sent."""
        return [body for method, body in self.calls if method == "sendMessage"]

    def wait_for_sent(self, count: int, within: float = 10.0) -> list[dict[str, Any]]:
        """Return the messages once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.sent()) >= count, within), self.calls
        return self.sent()

    def wait_for_refusals(self, count: int, within: float = 10.0) -> None:
        """Wait until so many calls were not taken."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.refused >= count, within), self.refused

    def refuse(self) -> None:
        """Count a call that is not taken."""
        with self._changed:
            self.refused += 1
            self._changed.notify_all()

    def answer(self, method: str, body: dict[str, Any]) -> object:
        """Return the result of a call."""
        with self._changed:
            self.calls.append((method, body))
            self._changed.notify_all()
        if method == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "Desk", "username": "desk_bot"}
        if method == "getUpdates":
            return self._news(int(body.get("offset", 0)))
        if method in ("sendMessage", "editMessageReplyMarkup"):
            return self._message(str(body.get("text", "below this")), int(body["chat_id"]))
        return True

    def _news(self, offset: int) -> list[dict[str, Any]]:
        with self._changed:
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            self._changed.wait_for(lambda: self._updates, _NOTHING_COMES)
            return list(self._updates)

    def _add(self, update: dict[str, Any]) -> None:
        with self._changed:
            self._count += 1
            self._updates.append({"update_id": self._count, **update})
            self._changed.notify_all()

    def _message(self, text: str, chat: int) -> dict[str, Any]:
        now = int(datetime.now(UTC).timestamp())
        found: dict[str, Any] = {"message_id": 1, "date": now, "chat": {"id": chat, "type": "private"}, "text": text}
        if text.startswith("/"):
            found["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return found


@contextmanager
def open_bot_api() -> Iterator[BotApi]:
    """Serve on a free port until the context is left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.api = BotApi(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.api  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _user(number: int) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "Ann"}


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token, _, method = self.path.removeprefix("/bot").rpartition("/")
        if self.server.api.is_down:
            self.server.api.refuse()
            return self._reply(502, {"ok": False, "description": "Bad Gateway"})
        if token != TOKEN:
            return self._reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        return self._reply(200, {"ok": True, "result": self.server.api.answer(method, _parsed(self.headers, raw))})

    def _reply(self, code: int, body: object) -> None:
        content = json.dumps(body).encode()
        with suppress(BrokenPipeError):  # of who has hung up meanwhile
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class has the name
        """Stay silent."""


def _parsed(headers: Any, raw: bytes) -> dict[str, Any]:
    if "json" in headers.get("Content-Type", ""):
        return dict(json.loads(raw))
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}
