"""What a reconciliation works with, what it comes to, and what people are told of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.execution.adjusting import Difference
from desk.execution.cash import CENT, CashBook, CashDifference, CashKind
from desk.execution.placing import OrderDesk
from desk.model.books import Position
from desk.model.externals import External, ExternalKind, Externals
from desk.model.instrument import Instrument
from desk.model.messages import MessageKind
from desk.model.orders import Fill, Order
from desk.ports import Lease, Message, Notifier
from desk.steps.repair import Books, Repairs, sync_fills
from desk.steps.report import describe_order


class Accounting(Books, Protocol):
    """What reconciliation reads from the ledger and writes into it."""

    async def open_orders(self, account: str) -> tuple[Order, ...]:
        """Return the orders that the venue has and has not ended."""
        ...

    async def positions(self, account: str) -> tuple[Position, ...]:
        """Return what the account holds by its fills."""
        ...

    async def newest_fills(self, account: str, instruments: Collection[str]) -> dict[str, Fill]:
        """Return the newest booked fill of each instrument that has one."""
        ...

    async def book_adjustment(
        self,
        difference: Difference,
        fills: Sequence[Fill],
        *,
        why: str,
        conversion: Mapping[str, Decimal],
        lease: Lease,
        now: datetime,
    ) -> bool:
        """Book the fills that make a difference good, once; False where they are not needed any more."""
        ...

    async def note_externals(
        self, account: str, kind: ExternalKind, found: Sequence[External], now: datetime
    ) -> tuple[External, ...]:
        """Make the list of externals of a kind what was found, and return those that are new."""
        ...

    async def differences_seen(self, account: str) -> Mapping[str, datetime]:
        """Return since when each difference of the last look was there, by its text, and any at all, by instrument."""
        ...

    async def traded_instruments(self, account: str, instruments: Collection[str]) -> Collection[str]:
        """Return those of `instruments` on which the desk ever had an order."""
        ...

    async def cash_book(self, account: str) -> CashBook:
        """Return what the ledger knows of the account's cash."""
        ...

    async def book_cash(self, difference: CashDifference, *, lease: Lease, now: datetime) -> None:
        """Commit an entry that makes a difference of cash good."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How an account is reconciled.

    Attributes:
        candle_close: of the cycle that may still send its orders; orders of earlier ones are settled.
        configured: the instruments that a strategy judges.
        instruments: every instrument of the venue, by name.
        externals: what to do about what the desk did not make.
        now: the venue's time.
        paid: instruments that are paid for with the account's cash; None where its cash is not compared.
    """

    account: str
    candle_close: datetime
    configured: Collection[str]
    instruments: Mapping[str, Instrument]
    externals: Externals
    now: datetime
    paid: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class CashLook:
    """The cash on both sides, after what was booked; `booked` is the entry that made it equal."""

    currency: str
    ledger: Decimal
    venue: Decimal
    booked: CashDifference | None = None

    @property
    def amount(self) -> Decimal:
        """What the venue has more."""
        return self.venue - self.ledger

    @property
    def is_equal(self) -> bool:
        """Whether both sides are equal to the cent."""
        return abs(self.amount) < CENT

    def __str__(self) -> str:
        if self.booked is not None:
            return f"{self.booked}; booked"
        told = f"{self.ledger:.2f} {self.currency} by what is booked, {self.venue:.2f} {self.currency} at the venue"
        return told if self.is_equal else f"{told}; not settled yet"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was found and done.

    Attributes:
        settled: orders whose state was not known, or not this.
        adjusted: positions that were made good in the ledger.
        waiting: positions that differ, and a fill of the desk that is not told yet may be why.
        externals: all that is listed now; `fresh` was not before.
        closed: the orders that closed or cancelled what was not the desk's.
        unread: parts of the venue's report that could not be read; nothing was concluded from them.
        failures: what else could not be done.
        cash: both sides; None where they were not compared.
    """

    account: str
    repairs: Repairs
    settled: tuple[Order, ...] = ()
    adjusted: tuple[Difference, ...] = ()
    waiting: tuple[Difference, ...] = ()
    externals: tuple[External, ...] = ()
    fresh: tuple[External, ...] = ()
    closed: tuple[Order, ...] = ()
    unread: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    cash: CashLook | None = None

    @property
    def is_clean(self) -> bool:
        """Whether everything could be read, and nothing is left that a person has to look at."""
        return not (self.unread or self.failures or self.waiting or self.externals)


@dataclass(slots=True)
class Work:
    """A reconciliation that is under way; `failures` grows as it goes."""

    terms: Terms
    desk: OrderDesk
    books: Accounting
    notifier: Notifier
    failures: list[str] = field(default_factory=list)

    async def sync(self) -> int:
        """Read fills into the ledger once more, and return how many were new."""
        return await sync_fills(
            self.terms.account,
            trading=self.desk.trading,
            books=self.books,
            now=self.terms.now,
            notifier=self.notifier,
        )


def messages_of(done: Reconciliation) -> tuple[Message, ...]:
    """Return what people should hear of it: what is new to them, what was changed, what could not be done."""
    lines = [f"Adjusted: {difference}" for difference in done.adjusted]
    lines += [f"Cash: {difference}. {_CASH_ADVICE}" for difference in _surprising(done.cash)]
    lines += [f"Closed: {describe_order(order)}" for order in done.closed]
    lines += [f"{_TITLES[external.kind]}: {external.detail}. {_ADVICE[external.kind]}" for external in done.fresh]
    failures = [f"Could not be read: {part}" for part in done.unread]
    failures += [f"Could not be done: {failure}" for failure in done.failures]
    if not (lines or failures):
        return ()
    severity = "error" if failures else "warning"
    where = f"`desk positions {done.account} --venue` shows both sides."
    body, kind = "\n".join((*lines, *failures, where)), MessageKind.RECONCILIATION
    return (Message(f"{done.account}: the ledger and the venue differ", body, severity, kind),)


def _surprising(cash: CashLook | None) -> tuple[CashDifference, ...]:
    """What a person should hear of; financing comes every day."""
    booked = cash.booked if cash is not None else None
    return (booked,) if booked is not None and booked.kind in (CashKind.TRANSFER, CashKind.UNKNOWN) else ()


_CASH_ADVICE = "It is booked; look at the venue's statement where you do not know it"
_TITLES = {
    ExternalKind.ORDER: "Not the desk's order",
    ExternalKind.POSITION: "Not the desk's position",
    ExternalKind.UNJUDGED: "Not judged",
    ExternalKind.DELISTED: "Not listed",
}
_ADVICE = {
    ExternalKind.ORDER: "Cancel it at the venue, or leave it: the desk does not touch it",
    ExternalKind.POSITION: "Nothing is opened on the instrument until it is gone; or set `externals: adopt`",
    ExternalKind.DELISTED: "It has no value to the desk, so nothing is opened until it is gone; close it at the venue",
    ExternalKind.UNJUDGED: "Close it by hand, or put its instrument back into the configuration",
}
