"""HTTP/1.1 messages as bytes, as far as a proxy between our own server and its clients has to understand them."""

import asyncio
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Self

_END = b"\r\n\r\n"
_PHRASES = {int(status): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a reply that arrived whole.

    Attributes:
        start: the first line.
        headers: in order, names in lower case.
    """

    start: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start.split(" ")[0]

    @property
    def target(self) -> str:
        """Path and query of a request."""
        return self.start.split(" ")[1]

    @property
    def ends_connection(self) -> bool:
        """Whether the sender closes afterwards."""
        return self.header("connection").lower() == "close" or self.start.endswith("HTTP/1.0")

    @property
    def begins_stream(self) -> bool:
        """Of a reply: whether it goes on without a known end; our servers send chunks only where there is none."""
        return self.start.split(" ")[1] == "101" or self.is_chunked

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return self.header("transfer-encoding").lower() == "chunked"

    def without_header(self, name: str) -> Self:
        """Return the message without a header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))

    def with_header(self, name: str, value: str) -> Self:
        """Return the message with a header, in place of one of that name."""
        return replace(self, headers=(*self.without_header(name).headers, (name, value)))

    def with_body(self, body: bytes) -> Self:
        """Return the message with another body, of a known length."""
        plain = self.without_header("transfer-encoding")
        return replace(plain, body=body).with_header("content-length", str(len(body)))

    @property
    def head(self) -> bytes:
        """Everything before the body."""
        lines = (self.start, *(f"{name}: {value}" for name, value in self.headers))
        return "\r\n".join(lines).encode("latin-1") + _END

    @property
    def raw(self) -> bytes:
        """What is sent."""
        return self.head + self.body


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """Read the next message; None where the connection ended before it began."""
    head = await read_head(reader)
    return None if head is None else await read_rest(reader, head)


async def read_head(reader: asyncio.StreamReader) -> Message | None:
    """Read everything of the next message before its body; None where the connection ended before it began."""
    try:
        head = await reader.readuntil(_END)
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head[: -len(_END)].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Message(start, tuple((name.lower(), value.strip()) for name, _, value in pairs), b"")


async def read_rest(reader: asyncio.StreamReader, head: Message) -> Message:
    """Read the body that belongs to a head."""
    if head.is_chunked:
        return head.with_body(await _read_chunks(reader))
    return replace(head, body=await reader.readexactly(int(head.header("content-length") or 0)))


def reply(status: int, body: bytes, *, retry_after: float | None = None) -> Message:
    """Return a JSON reply."""
    start = f"HTTP/1.1 {status} {_PHRASES.get(status, 'Error')}"
    message = Message(start, (("content-type", "application/json"),), b"").with_body(body)
    return message if retry_after is None else message.with_header("retry-after", f"{retry_after:g}")


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    while (await reader.readline()).strip():
        continue
    return body
