"""What an account's equity made of each day."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise


def daily_returns(equity: Iterable[tuple[datetime, Decimal]]) -> dict[date, float]:
    """Return the change of each UTC day as a fraction of the equity that the day before ended with.

    A day without any equity has no return, and what changed meanwhile belongs to the next that has. Money that was paid
    in or out is in the return of its day.

    Args:
        equity: times and amounts, oldest first.
    """
    last = {at.astimezone(UTC).date(): amount for at, amount in equity}
    return {day: float(amount / before - 1) for (_, before), (day, amount) in pairwise(last.items()) if before > 0}
