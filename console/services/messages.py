"""What people were told, and what of it has not arrived."""

from dataclasses import dataclass, replace

from console.naming import unknown
from console.services.paging import Page, Turn, number_before, numbered_page
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.messages import MessageQuestion
from desk.adapters.logs.scrubbing import scrubbed
from desk.model.messages import DeliveryState, MessageKind, Told

OFF = "off"
"""What became of a message whose kind is off: it is written down and goes nowhere."""
OUTCOMES = (*DeliveryState, OFF)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """How many messages have not arrived: `waiting` for another attempt, `dead` after the last."""

    waiting: int
    dead: int

    @property
    def sentence(self) -> str:
        """The same in words; empty where everything has arrived."""
        parts = [
            f"{self.waiting} not taken yet, tried again" if self.waiting else "",
            f"{self.dead} given up" if self.dead else "",
        ]
        told = ", ".join(part for part in parts if part)
        return f"Messages: {told}; see `desk messages`." if told else ""


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages a person asks for, as it is typed; what is empty leaves nothing out.

    Attributes:
        kind: what they are about, such as `failure`.
        target: the name of a place that they went to.
        state: what became of them there: waiting, sent, dead; or off, which went nowhere.
    """

    kind: str = ""
    target: str = ""
    state: str = ""

    @property
    def question(self) -> MessageQuestion:
        """The same, as the ledger takes it.

        Raises:
            NotUnderstood: there is no such kind or state; the message gives the nearest.
        """
        if self.kind and self.kind not in tuple(MessageKind):
            raise unknown("a kind of messages", self.kind, MessageKind)
        if self.state and self.state not in OUTCOMES:
            raise unknown(" or ".join(OUTCOMES), self.state, OUTCOMES)
        is_off = self.state == OFF
        state = DeliveryState(self.state) if self.state and not is_off else None
        return MessageQuestion(MessageKind(self.kind) if self.kind else None, self.target, state, is_off)


async def message_page(ledger: Ledger, wanted: MessageFilter, turn: Turn) -> Page[Told]:
    """Return what people were told, the newest first, without what looks like a secret.

    Raises:
        NotUnderstood: there is no such kind, state or page.
    """
    before = number_before(turn, "a message")
    found = await ledger.message_page(wanted.question, before=before, limit=turn.limit + 1)
    return numbered_page([_without_secrets(told) for told in found], turn, lambda told: told.number)


async def newest_messages(ledger: Ledger, *, limit: int) -> tuple[Told, ...]:
    """Return what people were told, oldest first."""
    return await ledger.told(limit=limit)


async def undelivered(ledger: Ledger) -> Undelivered:
    """Return how much has not arrived."""
    return Undelivered(*await ledger.undelivered())


def what_became_of(told: Told) -> str:
    """Return where a message has arrived, and why not elsewhere."""
    if not told.deliveries:
        return "off"
    parts = []
    for one in told.deliveries:
        why = f" ({one.detail})" if one.detail else ""
        parts.append(f"{one.target}: {one.state}{why}")
    return ", ".join(parts)


def _without_secrets(told: Told) -> Told:
    """A message may quote an error of somebody else's code, which may quote an address."""
    deliveries = tuple(replace(one, detail=scrubbed(one.detail)) for one in told.deliveries)
    return replace(told, title=scrubbed(told.title), body=scrubbed(told.body), deliveries=deliveries)
