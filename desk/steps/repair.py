"""Brings the ledger up to what the venue knows: orders without a known outcome, and fills since the last look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.execution.placing import OrderDesk, abandon_orders, resolve_orders
from desk.model.orders import Fill, Order
from desk.ports import Trading


class Books(Protocol):
    """What the ledger keeps of an account's orders and fills."""

    async def unresolved_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        """Return the orders whose outcome is not known, of cycles before `before` where it is given."""
        ...

    async def planned_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        """Return the orders that were never sent, of cycles before `before` where it is given."""
        ...

    async def fill_cursor(self, account: str) -> str:
        """Return where `book_fills` has arrived, empty at the beginning."""
        ...

    async def book_fills(
        self, account: str, fills: tuple[Fill, ...], *, cursor: str, conversion: Mapping[str, Decimal], now: datetime
    ) -> int:
        """Book fills that are not booked yet, move the cursor, and return how many were new."""
        ...


@dataclass(frozen=True, slots=True)
class Repairs:
    """What was different from what the ledger knew.

    Attributes:
        settled: orders of earlier cycles, those given up among them.
    """

    settled: tuple[Order, ...]
    new_fills: int


async def repair_books(
    account: str, candle_close: datetime, *, desk: OrderDesk, books: Books, now: datetime
) -> Repairs:
    """Settle the orders of earlier cycles, give up those that were never sent, and book what was filled since.

    The orders of this cycle are left to placing, which may still send what never arrived.

    Raises:
        VenueError: a read failed; nothing is concluded from that.
    """
    unresolved = await books.unresolved_orders(account, before=candle_close)
    settled = await resolve_orders(unresolved, desk)
    planned = await books.planned_orders(account, before=candle_close)
    given_up = await abandon_orders(planned, desk, "its run ended before it was sent, and a newer candle has closed")
    return Repairs((*settled, *given_up), await sync_fills(account, trading=desk.trading, books=books, now=now))


async def sync_fills(account: str, *, trading: Trading, books: Books, now: datetime) -> int:
    """Book the fills that the venue reports since the last look, and return how many were new.

    A cursor that moves without fills is kept too: a quiet account need not read the same weeks again.
    """
    known = await books.fill_cursor(account)
    fills, cursor = await trading.fills_since(known)
    if not fills and cursor == known:
        return 0
    conversion = await _rates(trading) if fills else {}
    return await books.book_fills(account, fills, cursor=cursor, conversion=conversion, now=now)


async def _rates(trading: Trading) -> dict[str, Decimal]:
    money = await trading.account()
    return {**money.conversion, money.currency: Decimal(1)}
