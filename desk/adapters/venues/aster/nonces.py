"""The numbers that make each wallet-signed request the only one of its kind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

_EPOCH = datetime.fromtimestamp(0, tz=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Nonces:
    """Microseconds since the epoch that only ever grow, from any thread.

    The venue refuses a number that it has seen, and one that is older than the last hundred of the same wallet. Do not
    run two processes on one wallet.
    """

    def __init__(self) -> None:
        self._last = 0
        self._lock = Lock()

    def next(self, now: Callable[[], datetime]) -> int:
        """Return the time that `now` tells, or the number after the last one where that is later."""
        with self._lock:
            self._last = max(self._last + 1, (now() - _EPOCH) // _MICROSECOND)
            return self._last


PROCESS_NONCES = Nonces()
"""The one counter of this process: sessions that share a wallet share it."""
