"""What is said about calls: whom a limit is for, what may leave, what may not and why, and what did leave."""

from dataclasses import dataclass
from datetime import datetime

from desk.adapters.budget.limits import Period


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


@dataclass(frozen=True, slots=True)
class Lease:
    """Calls that this process may make until a time, and not at it."""

    calls: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no call may leave now.

    Attributes:
        until: when to try again.
        code: BUDGET_EMPTY or PAUSED.
    """

    until: datetime
    code: str
    message: str


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
