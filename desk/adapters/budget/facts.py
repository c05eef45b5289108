"""What is said about calls: whom a limit is for, what may leave, what may not and why, and what did leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.adapters.budget.limits import Period

BELIEVED_FOR = timedelta(seconds=10)
"""For how long a process goes by what it was told, before it asks the database again: a pause may have been lifted."""

_AGREEMENT = timedelta(seconds=5)
"""How far the clocks of two machines may be apart."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Who shares a limit.

    Attributes:
        environment: `live`, `practice`, or where a simulator is; each has limits of its own.
        credential: the operator's name for a set of credentials, never a part of them; empty for everybody.
    """

    venue: str
    environment: str
    credential: str = ""

    @property
    def everybody(self) -> "Scope":
        """All that calls the venue in this environment."""
        return Scope(self.venue, self.environment)

    def __str__(self) -> str:
        return " ".join(part for part in (self.venue, self.environment, self.credential) if part)


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence that a venue ordered.

    Attributes:
        status: of the HTTP reply that ordered it.
        why: the endpoint that was called, and the venue's code.
    """

    scope: Scope
    since: datetime
    until: datetime
    status: int
    why: str

    def holds_at(self, now: datetime) -> bool:
        """Whether nothing may leave then; what begins later than now was ordered before a clock was set back."""
        return self.since - _AGREEMENT <= now < self.until

    def is_news_at(self, now: datetime) -> bool:
        """Whether it was ordered a moment ago, so that nobody can have lifted it."""
        return self.holds_at(now) and now - self.since < BELIEVED_FOR


@dataclass(frozen=True, slots=True)
class Lease:
    """Calls that this process may make from one time until another, and not at that."""

    calls: int
    since: datetime
    until: datetime

    def holds_at(self, now: datetime) -> bool:
        """Whether they may be made then."""
        return self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no call may leave now.

    Attributes:
        since: when it was found.
        until: when to try again.
        code: BUDGET_EMPTY, PAUSED or BUDGET_UNREADABLE.
    """

    since: datetime
    until: datetime
    code: str
    message: str

    def is_believed_at(self, now: datetime) -> bool:
        """Whether it need not be found again."""
        return self.since <= now < min(self.until, self.since + BELIEVED_FOR)


@dataclass(frozen=True, slots=True)
class CallCount:
    """What was counted in one hour at one endpoint.

    Attributes:
        hour: its beginning.
        calls: that left.
        errors: those of them that brought no reply, or one with a status from 400 on.
        limited: those to which the venue answered that it is too much.
        refused: calls that did not leave, by the budget.
    """

    scope: Scope
    endpoint: str
    hour: datetime
    calls: int
    errors: int
    limited: int
    refused: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """How a bucket stands; `room` is what may leave at this moment without touching the reserve."""

    scope: Scope
    period: Period
    calls: int
    room: int


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour that a time is in."""
    return at.replace(minute=0, second=0, microsecond=0)
