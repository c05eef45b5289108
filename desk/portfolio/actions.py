"""What may be done about how money is shared out; each says why, and nothing here does it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reallocation:
    """Let an account size its trades on another fraction of its equity; `before` and `after` are in (0, 1]."""

    account: str
    before: Decimal
    after: Decimal
    why: str

    def __str__(self) -> str:
        verb = "raise" if self.after > self.before else "lower"
        return f"{verb} the allocation of {self.account} from {self.before:f} to {self.after:f}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move money from one account to another; the amount is in the fleet's currency."""

    source: str
    target: str
    amount: Decimal
    currency: str
    why: str

    def __str__(self) -> str:
        return f"move {self.amount:,.2f} {self.currency} from {self.source} to {self.target}"


@dataclass(frozen=True, slots=True)
class Conversion:
    """Buy a currency that is missing at a spot instrument whose base it is."""

    account: str
    currency: str
    instrument: str
    quantity: Decimal
    why: str

    def __str__(self) -> str:
        return f"buy {self.quantity:f} {self.currency} in {self.account} at {self.instrument}"


Action = Reallocation | Transfer | Conversion


@dataclass(frozen=True, slots=True)
class Plan:
    """What would bring the money nearer to where it should be.

    Attributes:
        notes: what is not done, and why: something is not known, or a limit stands in the way.
    """

    actions: tuple[Action, ...] = ()
    notes: tuple[str, ...] = ()
