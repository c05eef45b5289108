"""Faults by script: what goes wrong, where on the way, for which requests and how often."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Place(StrEnum):
    """Where on the way."""

    BEFORE = "before"
    AFTER = "after"
    READ = "read"
    STREAM = "stream"


class Kind(StrEnum):
    """What goes wrong."""

    RESET = "reset"
    CLOSE = "close"
    DELAY = "delay"
    STATUS = "status"
    CUT = "cut"
    GARBLE = "garble"
    EMPTY = "empty"
    OMIT = "omit"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    STALE = "stale"
    LAG = "lag"
    SILENCE = "silence"
    DROP = "drop"


_KINDS = {
    Place.BEFORE: {Kind.RESET, Kind.CLOSE, Kind.DELAY, Kind.STATUS},
    Place.AFTER: {Kind.RESET, Kind.CLOSE, Kind.DELAY, Kind.STATUS, Kind.CUT, Kind.GARBLE},
    Place.READ: {Kind.EMPTY, Kind.OMIT, Kind.DUPLICATE, Kind.REORDER, Kind.STALE, Kind.LAG},
    Place.STREAM: {Kind.RESET, Kind.CLOSE, Kind.DELAY, Kind.GARBLE, Kind.DUPLICATE, Kind.SILENCE, Kind.DROP},
}


class Fault(BaseModel):
    """One line of the script.

    Attributes:
        place: `before` the exchange accepts; `after` it did; in `read`s, that is in the lists of what GET answers; in a
            `stream`, where every message that a venue sends is counted as a request is elsewhere.
        kind: `reset` and `close` end the connection; `delay` waits `seconds`; `status` answers with an HTTP error;
            `cut` sends half of the body; `garble` sends something that is not JSON; `lag` hides what is younger than
            `seconds`; `stale` repeats what the same request was answered last time; `drop` leaves a message out;
            `silence` keeps a stream open and leaves out this message and all that follow.
        venue, method, path: which requests; `path` is a regular expression that is searched in path and query, for a
            stream in those that opened it; empty for all.
        times: how many requests; 0 for ever.
        skip: how many matching requests pass before.
        share: the chance, from 0 to 1, that a matching request is hit.
        retry_after: seconds, told with a status.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Place
    kind: Kind
    venue: str = ""
    method: str = ""
    path: str = ""
    times: Annotated[int, Field(ge=0)] = 1
    skip: Annotated[int, Field(ge=0)] = 0
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    status: Annotated[int, Field(ge=400, le=599)] = 503
    retry_after: Annotated[float, Field(ge=0)] | None = None

    @field_validator("path")
    @classmethod
    def _compiles(cls, path: str) -> str:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"path: expected a regular expression, found {path!r} ({error})") from error
        return path

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind not in _KINDS[self.place]:
            raise ValueError(
                f"{self.place}: expected one of {', '.join(sorted(_KINDS[self.place]))}, found {self.kind}"
            )
        return self

    def concerns(self, venue: str, method: str, target: str) -> bool:
        """Whether the fault is about this request."""
        if self.place is Place.STREAM or (self.place is Place.READ and method != "GET"):
            return False
        return self.method in ("", method) and self._is_at(venue, target)

    def concerns_message(self, venue: str, target: str) -> bool:
        """Whether the fault is about a message in the stream that was opened there."""
        return self.place is Place.STREAM and self._is_at(venue, target)

    def _is_at(self, venue: str, target: str) -> bool:
        return self.venue in ("", venue) and re.search(self.path, target) is not None


@dataclass(slots=True)
class _Line:
    fault: Fault
    met: int = 0
    struck: int = 0

    @property
    def is_spent(self) -> bool:
        return 0 < self.fault.times <= self.struck


class FaultScript:
    """The faults that are to come, and a seeded chance."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self.clear()

    def clear(self) -> None:
        """Forget everything and begin the chance anew."""
        self._lines: list[_Line] = []
        self.chance = Random(self._seed)  # noqa: S311 - repeatable on purpose, nothing secret

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the script."""
        self._lines.append(_Line(fault))

    def strike(self, venue: str, method: str, target: str) -> tuple[Fault, ...]:
        """Return what goes wrong with a request, and count it."""
        return self._struck(lambda fault: fault.concerns(venue, method, target))

    def strike_message(self, venue: str, target: str) -> tuple[Fault, ...]:
        """Return what goes wrong with a message in a stream, and count it."""
        return self._struck(lambda fault: fault.concerns_message(venue, target))

    def counts(self) -> Sequence[tuple[Fault, int]]:
        """Return every fault and how many requests it has hit."""
        return [(line.fault, line.struck) for line in self._lines]

    def _struck(self, concerns: Callable[[Fault], bool]) -> tuple[Fault, ...]:
        return tuple(line.fault for line in self._lines if concerns(line.fault) and self._strikes(line))

    def _strikes(self, line: _Line) -> bool:
        if line.is_spent:
            return False
        line.met += 1
        if line.met <= line.fault.skip or self.chance.random() >= line.fault.share:
            return False
        line.struck += 1
        return True
