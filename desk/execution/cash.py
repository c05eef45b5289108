"""What the cash of an account should be by what the desk has booked, and what a difference is called. Pure.

Venues charge financing and funding, and money is put in and taken out, without a fill that tells of it. So the ledger
takes a difference over by an entry of its own, which says what is known of its cause, and counts from there.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from desk.model.instrument import Side

CENT = Decimal("0.01")
"""Less than this counts as no difference."""

_FINANCED = Decimal("0.005")
"""The part of what is held on margin that financing or funding may have cost or brought since it was looked at."""


class CashKind(StrEnum):
    """What is known of the cause of an entry; MOVED is what the desk did, UNKNOWN everything that nothing proves."""

    OPENING = "opening"
    FINANCING = "financing"
    TRANSFER = "transfer"
    MOVED = "moved"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Booked:
    """A booked fill, as far as it concerns cash.

    Attributes:
        value: signed, of what was bought, in quote currency.
        fee: in `fee_currency`; `fee_value` is the same in account currency.
    """

    instrument: str
    value: Decimal
    fee: Decimal
    fee_currency: str
    fee_value: Decimal


@dataclass(frozen=True, slots=True)
class CashBook:
    """What the ledger knows of an account's cash.

    Attributes:
        entries: what all entries have added so far; None before the first.
        last_at: the time of the last entry.
        last_fill_at: the time of the newest fill.
        realised: the profit of each instrument, in account currency before fees.
        fills: all that are booked, without those that adjust positions.
        is_complete: whether the value of every fill is known, and of every move whether it was carried out.
        last_moved_at: when the desk itself moved money last.
    """

    entries: Decimal | None
    last_at: datetime | None
    last_fill_at: datetime | None
    realised: Iterable[tuple[str, Decimal]]
    fills: Iterable[Booked]
    is_complete: bool
    last_moved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CashDifference:
    """The cash of an account on both sides, in its currency; `ledger` is before the entry that makes it good."""

    currency: str
    ledger: Decimal
    venue: Decimal
    kind: CashKind

    @property
    def amount(self) -> Decimal:
        """What the venue has more."""
        return self.venue - self.ledger

    def __str__(self) -> str:
        sides = f"{self.ledger:.2f} {self.currency} by what is booked, {self.venue:.2f} {self.currency} at the venue"
        return f"{sides}: {self.amount:+.2f}, {_CAUSES[self.kind]}"


def expected_cash(book: CashBook, currency: str, paid: Collection[str]) -> Decimal:
    """Return the cash that follows from what is booked.

    Args:
        book: of the account.
        currency: the account's.
        paid: instruments that are paid for with cash, as on a spot market; of the others only profit and fees count.
    """
    total = book.entries or Decimal(0)
    for fill in book.fills:
        if fill.instrument not in paid:
            total -= fill.fee_value
            continue
        total -= fill.value if quote_of(fill.instrument) == currency else 0
        total -= fill.fee if fill.fee_currency == currency else 0
    return total + sum((profit for name, profit in book.realised if name not in paid), Decimal(0))


def value_of(side: Side, quantity: Decimal, price: Decimal) -> Decimal:
    """Return the signed value of a fill, in quote currency."""
    return side.sign * quantity * price


def kind_of(book: CashBook, amount: Decimal, *, on_margin: Decimal, holds: bool) -> CashKind:
    """Return what is known of the cause of a difference.

    Args:
        book: of the account.
        amount: the difference, in account currency.
        on_margin: what the margin positions cost, in account currency, above 0.
        holds: whether anything is held.
    """
    if book.entries is None:
        return CashKind.OPENING
    if abs(amount) <= on_margin * _FINANCED:
        return CashKind.FINANCING
    has_traded = book.last_fill_at is not None and (book.last_at is None or book.last_fill_at > book.last_at)
    return CashKind.UNKNOWN if holds or has_traded else CashKind.TRANSFER


def quote_of(instrument: str) -> str:
    """Return the currency in which an instrument is paid."""
    return instrument.split("/")[1].split(":")[0]


_CAUSES = {
    CashKind.OPENING: "with which the desk begins to count",
    CashKind.FINANCING: "as little as financing or funding of what is held",
    CashKind.TRANSFER: "put in or taken out, since nothing is held and nothing was traded",
    CashKind.MOVED: "moved by the desk itself",
    CashKind.UNKNOWN: "of which no fill tells",
}
