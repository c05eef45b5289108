"""How long to wait before a stream is opened again: longer with each failure, with jitter, never sooner than asked."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from desk.errors import RateLimited, VenueError

_JITTER = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Backoff:
    """The patience of a stream, which never gives up.

    Attributes:
        first_pause: after the first failure; each further one doubles.
        longest_pause: however many failures there were.
        good_while: a connection that has lived for longer begins anew with the first pause.
        jitter: gives a fraction from 0 to 1; a pause is between half and all of its length.
    """

    first_pause: timedelta = timedelta(milliseconds=500)
    longest_pause: timedelta = timedelta(minutes=1)
    good_while: timedelta = timedelta(minutes=1)
    jitter: Callable[[], float] = _JITTER

    def pause(self, failures: int, error: VenueError | None) -> timedelta:
        """Return how long to wait after so many failures in a row, from 1; the error is the last one's."""
        # Beyond 2^32 the first pause is long past the longest one.
        pause = min(self.first_pause * 2 ** min(failures - 1, 32), self.longest_pause)
        jittered: timedelta = pause * (0.5 + self.jitter() / 2)
        return max(jittered, error.retry_after) if isinstance(error, RateLimited) else jittered
