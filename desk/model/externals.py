"""What an account does about orders and positions at its venue that the desk did not make."""

from dataclasses import dataclass
from enum import StrEnum


class Externals(StrEnum):
    """What the operator wants done about what is not the desk's.

    IGNORE lists it, and opens nothing on its instrument. ADOPT books it, and the desk manages it from then on. FLATTEN
    books it, closes it, and cancels the orders behind it.
    """

    IGNORE = "ignore"
    ADOPT = "adopt"
    FLATTEN = "flatten"


class ExternalKind(StrEnum):
    """What it is that needs a person's eye: what the desk did not make, or cannot judge, or cannot trade any more.

    DIFFERENCE needs nobody yet: a position that differed at the last look, and may do so only until a fill is told.
    """

    ORDER = "order"
    POSITION = "position"
    UNJUDGED = "unjudged"
    DELISTED = "delisted"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class External:
    """An order or a position at the venue that the desk did not make, or not all of it.

    Attributes:
        name: the order's client id, or its venue's where it has none; a position's instrument.
        detail: what it is, for people.
    """

    kind: ExternalKind
    name: str
    instrument: str
    detail: str
