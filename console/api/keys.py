"""Keys that let in: made by chance, handed out once, kept as digests."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from desk.ports import Clock

_BYTES = 32
_LINK_LASTS = timedelta(hours=1)


def new_key(prefix: str = "") -> str:
    """Return a key of 256 bits that nobody has."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest_of(key: str) -> str:
    """Return what is kept of a key; a key of chance needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def csrf_of(cookie: str) -> str:
    """Return what a page of this session sends along with a write, and a page of another site cannot know."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


class OneTimeLink:
    """A key that lets in once, within an hour of its making."""

    def __init__(self, key: str, clock: Clock) -> None:
        self._digest: str | None = digest_of(key)
        self._clock = clock
        self._ends_at: datetime = clock.now() + _LINK_LASTS

    def take(self, key: str) -> bool:
        """Return whether the key lets in; from then on it does not."""
        if self._digest is None or self._clock.now() >= self._ends_at:
            return False
        if not hmac.compare_digest(self._digest, digest_of(key)):
            return False
        self._digest = None
        return True
