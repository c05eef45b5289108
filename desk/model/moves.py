"""Money that the desk moves itself: from one account to another, or from one currency of an account into another."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

TREASURY = "treasury"
"""Who moves money where no person does it at the venue."""


class MoveState(StrEnum):
    """How far a move has come."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether nothing more becomes of it."""
        return self in (MoveState.DONE, MoveState.REFUSED)

    def may_become(self, later: "MoveState") -> bool:
        """Return whether a move in this state can be in a later one next."""
        return later in _NEXT.get(self, ())


OPEN = (MoveState.SENT, MoveState.UNKNOWN)
"""What may have been carried out, and nobody has said so."""

_NEXT = {
    MoveState.PLANNED: (MoveState.SENT, MoveState.REFUSED),
    MoveState.SENT: (MoveState.DONE, MoveState.REFUSED, MoveState.UNKNOWN),
    MoveState.UNKNOWN: (MoveState.DONE, MoveState.REFUSED),
}


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer, or a conversion, which has one account at both ends.

    Attributes:
        move_id: a function of all the others; see `desk.portfolio.carrying`.
        day: of the plan, UTC.
        amount: what is given, in `currency`.
        into: the currency in which it arrives.
        worth: the amount in the fleet's currency, by which limits count it.
    """

    move_id: str
    day: date
    source: str
    target: str
    currency: str
    amount: Decimal
    into: str
    worth: Decimal

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that it touches, one or two, by name."""
        return tuple(sorted({self.source, self.target}))

    @property
    def is_conversion(self) -> bool:
        """Whether the money stays in its account."""
        return self.source == self.target

    def __str__(self) -> str:
        if self.is_conversion:
            return f"convert {self.amount:,.2f} {self.currency} of {self.source} into {self.into}"
        return f"move {self.amount:,.2f} {self.currency} from {self.source} to {self.target}"


@dataclass(frozen=True, slots=True)
class KeptMove:
    """A move as it is written down.

    Attributes:
        detail: why it is so; empty where there is nothing to say.
        prepared: what the venue calls it, where it gave it a name before it was sent.
        sent_at: the machine's time; None before it was sent.
    """

    move: Move
    state: MoveState
    detail: str = ""
    prepared: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """What an account has at a time, in its own currency; `at` is the time of the account's clock."""

    at: datetime
    equity: Decimal
    cash: Decimal
