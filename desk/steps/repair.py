"""Brings the ledger up to what the venue knows: orders without a known outcome, and fills since the last look."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.execution.placing import OrderDesk, abandon_orders, resolve_orders
from desk.model.messages import MessageKind
from desk.model.orders import Fill, Order
from desk.ports import Message, Notifier, Trading


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

    async def unconverted_fills(self, account: str) -> tuple[Fill, ...]:
        """Return the booked fills of whose profit or fee the value in account currency is not known."""
        ...

    async def contradicted_orders(self, account: str, client_order_ids: Collection[str]) -> tuple[Order, ...]:
        """Return those of `client_order_ids` that were filled though rejected once, or beyond what was asked."""
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
    account: str,
    candle_close: datetime,
    *,
    desk: OrderDesk,
    books: Books,
    now: datetime,
    notifier: Notifier | None = None,
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
    new = await sync_fills(account, trading=desk.trading, books=books, now=now, notifier=notifier)
    return Repairs((*settled, *given_up), new)


async def sync_fills(
    account: str, *, trading: Trading, books: Books, now: datetime, notifier: Notifier | None = None
) -> int:
    """Book the fills that the venue reports since the last look, and return how many were new.

    A cursor that moves without fills is kept too: a quiet account need not read the same weeks again. An order that
    was rejected and filled all the same has halted its account, and a fill in a currency without a rate is booked
    without its value, which is looked for again each time; the notifier, where there is one, is told of both.
    """
    known = await books.fill_cursor(account)
    fills, cursor = await trading.fills_since(known)
    unconverted = await books.unconverted_fills(account)
    if not (fills or unconverted) and cursor == known:
        return 0
    conversion = await _rates(trading) if fills or unconverted else {}
    new = await books.book_fills(account, fills, cursor=cursor, conversion=conversion, now=now)
    if new and notifier is not None:
        if worthless := set(await books.unconverted_fills(account)) - set(unconverted):
            await notifier.send(_without_value(account, worthless))
        for order in await books.contradicted_orders(account, {fill.client_order_id for fill in fills}):
            await notifier.send(_contradiction(account, order))
    return new


def _contradiction(account: str, order: Order) -> Message:
    asked = f"order {order.client_order_id} ({order.side} {order.quantity} {order.instrument})"
    advice = (
        "The fills are booked and the account is halted. Look at the position and its stop at the venue, then run "
        f"`desk resume account:{account}`."
    )
    if order.filled_quantity > order.quantity:
        body = f"The venue has executed {order.filled_quantity} of {asked}. {advice}"
        return Message(f"{account}: more was filled than ordered", body, "error", MessageKind.RECONCILIATION)
    body = f"The venue rejected {asked} and executed {order.filled_quantity} of it all the same. {advice}"
    return Message(f"{account}: a rejected order was filled", body, "error", MessageKind.RECONCILIATION)


def _without_value(account: str, fills: Collection[Fill]) -> Message:
    told = sorted(
        f"fill {fill.venue_trade_id}: {fill.side} {fill.quantity} {fill.instrument}, fee {fill.fee} {fill.fee_currency}"
        for fill in fills
    )
    body = (
        "The venue gives no rate from the currency of these fills or of their fees to the account's. They are booked, "
        "and profit and fees leave out what has no value until there is a rate. Have the venue take its fees in the "
        "account's currency, and trade instruments that are quoted in it."
    )
    return Message(f"{account}: fills without a known value", "\n".join((body, *told)), "warning", MessageKind.MONEY)


async def _rates(trading: Trading) -> dict[str, Decimal]:
    money = await trading.account()
    return {**money.conversion, money.currency: Decimal(1)}
