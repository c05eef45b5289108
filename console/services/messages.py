"""What people were told, and what of it has not arrived."""

from dataclasses import dataclass

from desk.adapters.ledger.ledger import Ledger
from desk.model.messages import Told


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
