"""Messages to people: what they are about, how loud they are, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class MessageKind(StrEnum):
    """What a message is about; each can be turned off by itself."""

    ENTRY = "entry"
    EXIT = "exit"
    STATE = "state"
    FAILURE = "failure"
    WATCH = "watch"
    RECONCILIATION = "reconciliation"
    MONEY = "money"
    STRATEGY = "strategy"
    CONFIGURATION = "configuration"
    ESCALATION = "escalation"
    DIGEST = "digest"

    @property
    def meaning(self) -> str:
        """What such messages tell of."""
        return _MEANINGS[self]


_MEANINGS: Mapping[MessageKind, str] = {
    MessageKind.ENTRY: "orders of a scan, at least one of which opens something",
    MessageKind.EXIT: "orders of a scan that only close",
    MessageKind.STATE: "an account was halted or reduced by the desk, or everything of it was closed",
    MessageKind.FAILURE: "something failed: a scan, a watch, a reconciliation",
    MessageKind.WATCH: "what the watch did between two scans",
    MessageKind.RECONCILIATION: "ledger and venue differed",
    MessageKind.MONEY: "money was moved, or is not where it should be",
    MessageKind.STRATEGY: "a strategy was put into quarantine",
    MessageKind.CONFIGURATION: "the files cannot be used, or can be again",
    MessageKind.ESCALATION: "a failure that goes on",
    MessageKind.DIGEST: "the summary of the day",
}


class Loudness(StrEnum):
    """How a message arrives."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


class DeliveryState(StrEnum):
    """What became of a message at one of the places that it goes to; DEAD is never tried again."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to one place.

    Attributes:
        message: the number of the message.
        target: the name of the place, without anything secret.
        attempts: how often it was tried.
        next_at: when it is tried again; while one tries it, when another may.
        detail: why the last attempt failed.
    """

    message: int
    target: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A message with what became of it.

    Attributes:
        repeats: how often the same was said again while it was counted.
        deliveries: by name of the place; none where its kind is off.
    """

    number: int
    at: datetime
    kind: MessageKind
    severity: str
    title: str
    body: str
    repeats: int
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """Scans of an account that failed one after the other, the newest among them.

    Attributes:
        since: when the candle of the first of them closed.
        detail: what the newest said.
    """

    account: str
    scans: int
    since: datetime
    detail: str


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts that failed: twice as long each time, an hour at most."""
    doublings: int = min(attempts - 1, 10)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)
