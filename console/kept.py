"""Keeps a part there that trading does without: where it ends by itself it is started again, after growing waits."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from deployments.child import Child
from desk.adapters.logs.events import log

FIRST_WAIT, LONGEST_WAIT, GOOD_WHILE = 1.0, 60.0, 60.0
"""Seconds: before it is started again, at most, and for how long it must live until the waits begin anew."""


def _nothing_more() -> str:
    return ""


class Kept:
    """A child process that comes back; leaving the context stops it for good.

    Of a part that ends soon again and again it is said once, until one has lived for a while.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], Child],
        *,
        renew: Callable[[], str] = _nothing_more,
        now: Callable[[], float] = time.monotonic,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        """Start it.

        Args:
            name: for messages.
            start: starts it, now and again.
            renew: prepares what is started after it was said that it has ended, and returns what to say of that.
            now: seconds of a clock that never goes back.
            first_wait: seconds; each further one is twice as long.
        """
        self.name, self._start, self._renew, self._now, self._first_wait = name, start, renew, now, first_wait
        self._child, self._begun, self._failures = start(), now(), 0
        self._due: float | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._child.stop()

    def look(self) -> str:
        """See to it that it is there; return what has to be said, empty where that is nothing."""
        if self._due is not None:
            return self._begin() if self._now() >= self._due else ""
        if self._child.is_running():
            return ""
        if self._now() - self._begun >= GOOD_WHILE:
            self._failures = 0
        return self._missed(self._last_words())

    def _last_words(self) -> str:
        try:
            return self._child.log_tail()
        except OSError:  # somebody has taken its log away, which is no reason to stop trading
            return ""

    def _begin(self) -> str:
        try:
            self._child, self._begun, self._due = self._start(), self._now(), None
        except OSError as error:  # too many processes, or a full disk: trading goes on, and so does this
            return self._missed(str(error))
        return ""

    def _missed(self, why: str) -> str:
        # Beyond 2^16 the first wait is long past the longest one, and beyond 2^1023 no float can hold it.
        wait = min(self._first_wait * 2 ** min(self._failures, 16), LONGEST_WAIT)
        self._due, self._failures = self._now() + wait, self._failures + 1
        if self._failures > 1:
            return ""
        log.warning(f"the {self.name} ended by itself and is started again", last=why.rpartition("\n")[2])
        told = f"The {self.name} has ended by itself, trading goes on, and it is started again{self._renew()}"
        return f"{told}:\n{why}" if why else f"{told}."
