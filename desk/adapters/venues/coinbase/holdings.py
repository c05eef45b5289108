"""What a spot balance cost, from the fills that led to it; the venue itself does not tell.

The fills of a product are taken back from the newest on, until the balance they began with is gone: there the position
was opened. From there they are counted forward at their average price. What no fill explains (a deposit, a history
that was cut) is taken at the price of the first fill that is known, or at today's where there is none, so that it
shows no profit that nobody made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.model.orders import Fill


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of how a balance came about.

    Attributes:
        unexplained: what was held before the first of the fills.
        fills: oldest first.
    """

    unexplained: Decimal
    fills: tuple[Fill, ...]


def explain(balance: Decimal, fills: Iterable[Fill], *, lot: Decimal) -> Explained:
    """Return how a balance came about.

    Args:
        fills: of one instrument, newest first.
        lot: what is less than this counts as nothing.
    """
    used: list[Fill] = []
    before = balance
    for fill in fills:
        if before < lot:
            break
        used.append(fill)
        before -= fill.side.sign * fill.quantity
    return Explained(max(before, Decimal(0)) if before >= lot else Decimal(0), tuple(reversed(used)))


def cost_of(explained: Explained, price: Decimal) -> Decimal:
    """Return what a balance cost, in quote currency, before fees; `price` is today's."""
    held = explained.unexplained
    cost = held * (explained.fills[0].price if explained.fills else price)
    for fill in explained.fills:
        if fill.side.sign > 0:
            cost += fill.quantity * fill.price
        elif held:
            cost -= cost / held * min(fill.quantity, held)
        held += fill.side.sign * fill.quantity
    return cost


def opened_at(explained: Explained, otherwise: datetime) -> datetime:
    """Return the time of the first fill, or another where no fill explains the balance."""
    return explained.fills[0].at if explained.fills else otherwise
