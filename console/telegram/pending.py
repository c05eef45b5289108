"""What waits for a button: deeds that want a second look, and the pages after the first; each for a while, and once."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.model.access import Rights
from desk.ports import Clock

CONFIRM_WITHIN = timedelta(minutes=1)
_MOST = 200
_BYTES = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that a button does.

    Attributes:
        chat, user: who asked, and may press.
        needed: what whoever presses must still be allowed to.
        do: does it, and returns what to say, line by line.
    """

    chat: int
    user: int
    needed: Rights
    do: Callable[[], Awaitable[list[str]]]


class Pending:
    """What waits, by the key of its button; the oldest is forgotten where too much does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[Waiting, datetime]] = {}

    def put(self, waiting: Waiting, lasts: timedelta = CONFIRM_WITHIN) -> str:
        """Return the key of a button that does this once, until its time is over."""
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
        key = secrets.token_urlsafe(_BYTES)
        self._waiting[key] = (waiting, self._clock.now() + lasts)
        return key

    def take(self, key: str, *, chat: int, user: int) -> Waiting | None:
        """Return what a button does, and forget it; None for a button of somebody else, or whose time is over."""
        found = self._waiting.get(key)
        if found is None or (found[0].chat, found[0].user) != (chat, user):
            return None
        del self._waiting[key]
        waiting, ends_at = found
        return waiting if self._clock.now() < ends_at else None
