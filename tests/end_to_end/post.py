"""A place that messages to people are sent to, and that can be out of order."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Post:
    """What has arrived, and for which accounts nothing is taken at the moment."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._titles: list[str] = []
        self._refused: set[str] = set()
        self._turned_away: list[str] = []

    def refuse(self, account: str) -> None:
        """Answer 500 to every message about an account."""
        self._refused.add(account)

    def accept(self, account: str) -> None:
        """Take messages about an account again."""
        self._refused.discard(account)

    def titles(self, account: str) -> list[str]:
        """Return the titles of the messages about an account that were taken."""
        return [title for title in self._titles if title.startswith(f"{account}:")]

    def turned_away(self, account: str) -> list[str]:
        """Return the titles of the messages about an account that were refused."""
        return [title for title in self._turned_away if title.startswith(f"{account}:")]

    def take(self, title: str) -> bool:
        """Keep a message; False where it is refused."""
        if title.split(":")[0] in self._refused:
            self._turned_away.append(title)
            return False
        self._titles.append(title)
        return True


@contextmanager
def open_post() -> Iterator[Post]:
    """Serve on a free port until the context is left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.post = Post(f"json://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.post  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200 if self.server.post.take(message["title"]) else 500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class has the name
        """Stay silent."""
