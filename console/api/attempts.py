"""How often somebody may try to log in."""

from collections import deque
from datetime import datetime, timedelta

from desk.ports import Clock

_WINDOW = timedelta(minutes=5)
_PER_ADDRESS, _IN_ALL = 5, 50
_ADDRESSES = 10_000


class Attempts:
    """Failed attempts of the last five minutes: five of an address, fifty in all, then nobody is listened to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, deque[datetime]] = {}

    def patience(self, address: str) -> timedelta:
        """Return how long an address has to wait before it may try; 0 where it may now."""
        self._forget()
        own = self._failed.get(address, ())
        every = sorted(at for failed in self._failed.values() for at in failed)
        waits = [
            failed[-most] + _WINDOW - self._clock.now()
            for failed, most in ((own, _PER_ADDRESS), (every, _IN_ALL))
            if len(failed) >= most
        ]
        return max(waits, default=timedelta(0))

    def fail(self, address: str) -> None:
        """Count an attempt that failed."""
        if address in self._failed or len(self._failed) < _ADDRESSES:
            self._failed.setdefault(address, deque()).append(self._clock.now())

    def forgive(self, address: str) -> None:
        """Forget the attempts of an address from which somebody has got in."""
        self._failed.pop(address, None)

    def _forget(self) -> None:
        oldest = self._clock.now() - _WINDOW
        for address, failed in list(self._failed.items()):
            while failed and failed[0] <= oldest:
                failed.popleft()
            if not failed:
                del self._failed[address]
