"""Counts calls in memory, by who made them, endpoint and hour, until they are written down."""

from dataclasses import replace
from datetime import datetime

from desk.adapters.budget.facts import CallCount, Scope, hour_of

_Key = tuple[Scope, str, datetime]


class Tallies:
    """What was counted since it was last taken away."""

    def __init__(self) -> None:
        self._counts: dict[_Key, CallCount] = {}

    def call(self, scope: Scope, endpoint: str, at: datetime, *, is_error: bool) -> None:
        """Count a call that left."""
        self.add(_empty(scope, endpoint, at), calls=1, errors=int(is_error))

    def limited(self, scope: Scope, endpoint: str, at: datetime) -> None:
        """Count the venue's answer that a call was too much; the call itself is counted by `call`."""
        self.add(_empty(scope, endpoint, at), limited=1)

    def refused(self, scope: Scope, endpoint: str, at: datetime) -> None:
        """Count a call that did not leave."""
        self.add(_empty(scope, endpoint, at), refused=1)

    def add(self, count: CallCount, *, calls: int = 0, errors: int = 0, limited: int = 0, refused: int = 0) -> None:
        """Add a count, and what is named besides, to what there is."""
        key = (count.scope, count.endpoint, count.hour)
        before = self._counts.get(key, _empty(count.scope, count.endpoint, count.last_at))
        self._counts[key] = replace(
            before,
            calls=before.calls + count.calls + calls,
            errors=before.errors + count.errors + errors,
            limited=before.limited + count.limited + limited,
            refused=before.refused + count.refused + refused,
            last_at=max(before.last_at, count.last_at),
        )

    def take(self) -> list[CallCount]:
        """Take everything away."""
        taken, self._counts = list(self._counts.values()), {}
        return taken


def _empty(scope: Scope, endpoint: str, at: datetime) -> CallCount:
    return CallCount(scope, endpoint, hour_of(at), calls=0, errors=0, limited=0, refused=0, last_at=at)
