"""Which money may be moved without a person at the venue: ids, and limits apart from the plan's. Pure.

Whatever is not known stands in the way: a limit that is missing, a margin that is not told, a day that began unseen.
"""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from desk.model.books import AccountState
from desk.model.moves import Move

_PREFIX = "mv-"
_DIGEST_BYTES = 15  # as many as in the ids of orders: no venue allows fewer characters than these make
_CENT = Decimal("0.01")
_LITTLE = Decimal("0.005")
"""The fraction of what is left that may have been lost today; limits of a day's loss are larger."""


@dataclass(frozen=True, slots=True)
class CarryingLimits:
    """How much may be moved without a person at the venue, in the fleet's currency.

    Attributes:
        minimum, maximum: of one move.
        a_day: of all moves of a UTC day, whatever became of them.
        givers: the accounts from which money may be taken.
    """

    minimum: Decimal
    maximum: Decimal
    a_day: Decimal
    givers: Collection[str]


def plan_move(
    day: date, source: str, target: str, worth: Decimal, *, currency: str, rate: Decimal, into: str | None = None
) -> Move:
    """Return a move; the same on the same day has the same id, on any machine.

    Args:
        worth: how much, in the fleet's currency.
        currency: of the source.
        rate: what one unit of it is worth in the fleet's, above 0.
        into: the currency in which it arrives; the same without a word.
    """
    amount = (worth / rate).quantize(_CENT, ROUND_DOWN)
    arriving = into or currency
    key = "\n".join((day.isoformat(), source, target, currency, f"{amount:f}", arriving))
    digest = hashlib.sha256(key.encode()).digest()[:_DIGEST_BYTES]
    move_id = _PREFIX + base64.b32encode(digest).decode().lower()
    return Move(move_id, day, source, target, currency, amount, arriving, worth)


def why_not_within(limits: CarryingLimits, move: Move, carried: Decimal) -> str:
    """Return which limit stands in the way of a move; empty where none does.

    Args:
        carried: what all other moves of the day are worth that were sent, in the fleet's currency.
    """
    if move.source not in limits.givers:
        return f"{move.source} is not among the `givers` of portfolio.yaml"
    if not (move.amount.is_finite() and move.amount > 0 and move.worth.is_finite()):
        return f"expected an amount above 0, found {move.amount}"
    if move.worth < limits.minimum:
        return f"it is worth {move.worth:,.2f}, less than the `minimum` of {limits.minimum:,.2f}"
    if move.worth > limits.maximum:
        return f"it is worth {move.worth:,.2f}, more than the `maximum` of {limits.maximum:,.2f}"
    if carried + move.worth > limits.a_day:
        return (
            f"it is worth {move.worth:,.2f} and {carried:,.2f} were sent today: more than {limits.a_day:,.2f} `a_day`"
        )
    return ""


def why_not_from(move: Move, money: AccountState, day_start: Decimal | None) -> str:
    """Return why an account cannot give what a move takes from it; empty where it can.

    An account that has lost more than a little today gives nothing: the same loss is a larger part of what is left, so
    that a limit would trip because of the move.

    Args:
        money: of the source, now.
        day_start: its equity when the day began; None where that is not known.
    """
    if money.currency != move.currency:
        return f"{move.source} counts in {money.currency}, not in {move.currency}"
    if day_start is None:
        return f"it is not known what {move.source} had when the day began: it was never valued"
    lost = day_start - money.equity
    if lost > (money.equity - move.amount) * _LITTLE and lost > 0 and not move.is_conversion:
        told = f"{lost:,.2f} {money.currency}"
        return f"{move.source} has lost {told} today, more than {_LITTLE} of what would be left"
    free = free_of(money)
    if free is None:
        return f"the venue does not tell how much of {move.source} its positions tie up"
    if move.amount > free:
        return f"{move.source} has {free:,.2f} {money.currency} that is free"
    return ""


def free_of(money: AccountState) -> Decimal | None:
    """Return what can leave an account, in its currency; None where the venue does not tell.

    Open profit cannot leave, open loss and margin stay, and where balances are told no more than that of the currency.
    """
    if money.margin_used is None and not money.balances:
        return None
    held = money.balances.get(money.currency, Decimal(0)) if money.balances else money.cash
    return max(Decimal(0), min(money.cash, money.equity, held) - (money.margin_used or Decimal(0)))
