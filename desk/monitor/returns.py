"""What an account's equity made of each day."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise


def daily_returns(
    equity: Iterable[tuple[datetime, Decimal]], moved: Iterable[tuple[datetime, Decimal]] = ()
) -> dict[date, float]:
    """Return the change of each UTC day as a fraction of the equity that the day before ended with.

    A day without any equity has no return, and what changed meanwhile belongs to the next that has. Money that a person
    paid in or out is in the return of its day.

    Args:
        equity: times and amounts, oldest first.
        moved: times and signed amounts of what the desk itself has moved, which is neither won nor lost.
    """
    last = {at.astimezone(UTC).date(): (at, amount) for at, amount in equity}
    flows = tuple(moved)
    found = {}
    for (_, (since, before)), (day, (until, amount)) in pairwise(last.items()):
        brought = sum((flow for at, flow in flows if since < at <= until), Decimal(0))
        if before > 0:
            found[day] = float((amount - brought) / before - 1)
    return found
