"""Messages of endless replies as bytes: the chunks of HTTP and the frames of WebSocket."""

import asyncio
import struct
from dataclasses import dataclass
from typing import Protocol, Self

_TEXT = 0x81
_CONTROL = 0x08
_MASK = 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127


class Piece(Protocol):
    """One unit of an endless reply, as it comes from a server."""

    @property
    def raw(self) -> bytes:
        """What is sent."""
        ...

    @property
    def is_message(self) -> bool:
        """Whether it says something; what only holds the connection together does not."""
        ...

    @property
    def is_last(self) -> bool:
        """Whether the reply ends with it."""
        ...

    def with_content(self, content: bytes) -> Self:
        """Return a message that says something else."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of an HTTP reply; the empty one is the last."""

    content: bytes

    @property
    def raw(self) -> bytes:
        return b"%x\r\n%b\r\n" % (len(self.content), self.content)

    @property
    def is_message(self) -> bool:
        return bool(self.content)

    @property
    def is_last(self) -> bool:
        return not self.content

    def with_content(self, content: bytes) -> Self:
        return type(self)(content)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a WebSocket server, which masks nothing and splits nothing."""

    first: int
    content: bytes

    @property
    def raw(self) -> bytes:
        length = len(self.content)
        if length < _TWO_BYTES:
            return struct.pack("!BB", self.first, length) + self.content
        if length < 1 << 16:
            return struct.pack("!BBH", self.first, _TWO_BYTES, length) + self.content
        return struct.pack("!BBQ", self.first, _EIGHT_BYTES, length) + self.content

    @property
    def is_message(self) -> bool:
        return not self.first & _CONTROL

    @property
    def is_last(self) -> bool:
        return False  # after its farewell a server waits for the client's, and then ends the connection

    def with_content(self, content: bytes) -> Self:
        return type(self)(_TEXT, content)


async def read_chunk(reader: asyncio.StreamReader) -> Chunk:
    """Read the next chunk.

    Raises:
        asyncio.IncompleteReadError: the server has ended the connection.
    """
    size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
    return Chunk((await reader.readexactly(size + 2))[:-2])


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """Read the next frame.

    Raises:
        asyncio.IncompleteReadError: the server has ended the connection.
    """
    first, length = await reader.readexactly(2)
    assert not length & _MASK, "a WebSocket server does not mask"
    if length == _TWO_BYTES:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == _EIGHT_BYTES:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    return Frame(first, await reader.readexactly(length))
