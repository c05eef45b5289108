"""Writes down how a stream is, so that other processes can see it: a small file each, while the stream is kept open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import orjson

from desk.adapters.streams.events import Event
from desk.adapters.streams.supervised import StreamState, StreamStatus
from desk.ports import Clock

FOLDER = "streams"
_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class StreamNote:
    """How a stream was when it was written down.

    Attributes:
        heard_at: when the venue last said something, a heartbeat included; None where it never did.
    """

    stream: str
    state: StreamState
    since: datetime
    heard_at: datetime | None
    reason: str


class Diary:
    """Implements `Listener`: writes every change of a stream at once, and what it hears every ten seconds."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Write into a folder, which is made where it is missing."""
        self._folder, self._clock = folder, clock
        self._status: StreamStatus | None = None
        self._heard_at: datetime | None = None
        self._written_at: datetime | None = None

    def heard(self, event: Event) -> None:
        """Note that something came."""
        self._heard_at = self._clock.now()
        if self._status and (self._written_at is None or self._heard_at - self._written_at >= _EVERY):
            self._write(self._status)

    def missed(self) -> None:
        """Note nothing: what may have been missed is asked for by others."""

    def turned(self, status: StreamStatus) -> None:
        """Write how the stream is now; one that was closed leaves nothing behind."""
        self._status = status
        if status.state is StreamState.CLOSED:
            _place(self._folder, status.stream).unlink(missing_ok=True)
        else:
            self._write(status)

    def _write(self, status: StreamStatus) -> None:
        self._written_at = self._clock.now()
        told = StreamNote(status.stream, status.state, status.since, self._heard_at, status.reason)
        place = _place(self._folder, status.stream)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_suffix(".new")
        draft.write_bytes(orjson.dumps(told))
        draft.replace(place)


def read_notes(home: Path) -> Iterator[StreamNote]:
    """Yield how the streams of an installation are, by name; one whose process has died stays as it was last."""
    for path in sorted((home / FOLDER).glob("*.json")):
        told = orjson.loads(path.read_bytes())
        heard = told["heard_at"]
        yield StreamNote(
            told["stream"],
            StreamState(told["state"]),
            datetime.fromisoformat(told["since"]),
            None if heard is None else datetime.fromisoformat(heard),
            told["reason"],
        )


def _place(folder: Path, stream: str) -> Path:
    return folder / f"{quote(stream, safe='')}.json"
