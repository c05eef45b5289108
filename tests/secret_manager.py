"""A stand-in for Google's Secret Manager: the four calls that we make, over HTTP, with what is wrong on demand."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from google_crc32c import value as checksum

PROJECT = "trading"
_SECRET = re.compile(rf"/v1/projects/{PROJECT}/secrets/(?P<name>\w+)(?P<rest>/versions/latest:access|:addVersion)")


@dataclass
class StandIn:
    """What the service holds, and how it behaves.

    Attributes:
        versions: the values of each secret, oldest first.
        asked: every request, in order.
        broken: the status of every reply, None for as it should be.
        damaged: whether the text comes over as another one.
        held: no reply is given before it is set.
        lost: requests with this in them are carried out, and get no reply.
        unheard: requests with this in them are not, and get none either.
    """

    address: str = ""
    versions: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: int | None = None
    damaged: bool = False
    held: threading.Event | None = None
    lost: str | None = None
    unheard: str | None = None

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, object]]:
        """The status and the document of a reply."""
        self.asked.append(f"{method} {path}")
        if self.held is not None:
            self.held.wait(5)
        if self.broken is not None:
            return self.broken, {"error": {"code": self.broken, "message": "so it is told", "status": "X"}}
        place = urlsplit(path)
        if method == "POST" and place.path == f"/v1/projects/{PROJECT}/secrets":
            [name] = parse_qs(place.query)["secretId"]
            self.versions[name] = []
            return 200, {"name": f"projects/{PROJECT}/secrets/{name}"}
        match = _SECRET.fullmatch(place.path)
        assert match, path
        return self._of_secret(match["name"], match["rest"], body)

    def _of_secret(self, name: str, rest: str, body: bytes) -> tuple[int, dict[str, object]]:
        if name not in self.versions:
            return 404, {"error": {"code": 404, "message": f"Secret {name} not found", "status": "NOT_FOUND"}}
        versions = self.versions[name]
        if rest == ":addVersion":
            versions.append(base64.b64decode(json.loads(body)["payload"]["data"]).decode())
        named = {"name": f"projects/1/secrets/{name}/versions/{len(versions)}"}
        return (200, named) if rest == ":addVersion" else (200, {**named, "payload": self._payload(versions[-1])})

    def _payload(self, value: str) -> dict[str, str]:
        told = f"{value}x" if self.damaged else value
        return {"data": base64.b64encode(told.encode()).decode(), "dataCrc32c": str(checksum(value.encode()))}


@contextmanager
def running() -> Iterator[StandIn]:
    """Serve a stand-in of its own on this machine."""
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply()

        def log_message(self, *_words: object) -> None:
            return

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if stand_in.unheard and stand_in.unheard in self.path:
                return
            status, document = stand_in.answer(self.command, self.path, body)
            if stand_in.lost and stand_in.lost in self.path:
                return
            told = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield stand_in
        server.shutdown()
        thread.join()
