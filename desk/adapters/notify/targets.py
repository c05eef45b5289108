"""The places that messages go to, and what it means that one did not take a message."""

from dataclasses import dataclass
from datetime import timedelta

from desk.errors import DeskError
from desk.model.messages import MessageKind
from desk.ports import Notifier

EVERY_KIND = frozenset(MessageKind)


class NotDelivered(DeskError):
    """At least one of the configured services did not take the message; its text has nothing secret.

    Attributes:
        retry_after: how long the service wants to be left alone.
    """

    def __init__(self, text: str, *, retry_after: timedelta = timedelta(0)) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Target:
    """A place that messages go to.

    Attributes:
        name: as the ledger has it; the same after a restart, and nothing secret.
        kinds: what is told there.
    """

    name: str
    notifier: Notifier
    kinds: frozenset[MessageKind] = EVERY_KIND
