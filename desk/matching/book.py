"""The books of one account: cash, positions and working orders as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import NamedTuple

from desk.matching.booking import apply_fill
from desk.matching.charges import HoldingTerms
from desk.matching.fees import FeeSchedule
from desk.matching.fills import Execution
from desk.matching.money import EXACT, round_charge
from desk.model.books import Position
from desk.model.instrument import Side
from desk.model.orders import Fill, FillReason, Order, OrderIntent


@dataclass(frozen=True, slots=True)
class Holding:
    """An open position and what its barriers need to know.

    Attributes:
        entry_id: client order id of the order that opened it.
        best_price: the best price since then on the side on which it exits, from which a trailing stop hangs.
    """

    position: Position
    entry_id: str
    best_price: Decimal


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """An order that waits, as it was asked and as it is now.

    Attributes:
        is_triggered: whether a stop order has become a market order.
    """

    intent: OrderIntent
    order: Order
    is_triggered: bool = False

    @property
    def remaining(self) -> Decimal:
        """What is left to fill, in base units."""
        return self.order.quantity - self.order.filled_quantity


@dataclass(frozen=True, slots=True)
class Book:
    """What an account has at the matching engine.

    Attributes:
        currency: of cash, fees and profits.
        watermark: up to when the market has been matched; nothing may happen before it any more.
        holdings: by instrument name.
        working: in the order in which they were placed.
        order_count, fill_count: how many there have been; the numbers in the venue's ids.
    """

    account: str
    currency: str
    cash: Decimal
    watermark: datetime
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    working: tuple[WorkingOrder, ...] = ()
    order_count: int = 0
    fill_count: int = 0

    @property
    def positions(self) -> tuple[Position, ...]:
        """Every open position, by name of instrument."""
        return tuple(self.holdings[name].position for name in sorted(self.holdings))

    @property
    def exposed(self) -> frozenset[str]:
        """The instruments that the market can still do something to: held, or with a working order."""
        return frozenset(self.holdings) | {working.intent.instrument for working in self.working}

    def held(self, instrument: str) -> Decimal:
        """Return the signed quantity held, in base units."""
        holding = self.holdings.get(instrument)
        return holding.position.quantity if holding else Decimal(0)

    def reducible(self, instrument: str, side: Side) -> Decimal:
        """Return how much an order of `side` can close of the position, in base units."""
        return max(Decimal(0), -self.held(instrument) * side.sign)


class Booked(NamedTuple):
    """A fill and the profit that it realised, in account currency before fees."""

    fill: Fill
    realised_profit: Decimal


class Progress(NamedTuple):
    """A book after something happened, and what happened.

    Attributes:
        orders: every order that is new or changed, as it is now, by client order id.
        intents: what was asked with them, by client order id; the book's own for exits by barriers.
        booked: the new fills, oldest first.
    """

    book: Book
    orders: Mapping[str, Order]
    intents: Mapping[str, OrderIntent]
    booked: tuple[Booked, ...]

    def then(self, later: "Progress") -> "Progress":
        """Return both steps as one."""
        return Progress(
            later.book,
            {**self.orders, **later.orders},
            {**self.intents, **later.intents},
            (*self.booked, *later.booked),
        )


def book_execution(
    book: Book,
    intent: OrderIntent,
    execution: Execution,
    *,
    at: datetime,
    fees: FeeSchedule,
    rate: Decimal,
    reason: FillReason = FillReason.ORDER,
) -> tuple[Book, Booked]:
    """Return the book with an execution in it: position, realised profit and fee.

    The fee is charged in account currency, so that cash is what it was, plus realised profits, less fees, to the digit.
    """
    fill = _fill(book, intent, execution, at, _fee(execution, fees, rate), reason)
    before = book.holdings.get(intent.instrument)
    booking = apply_fill(
        before.position if before else None, fill, rate=rate, barriers=intent.barriers, strategy=intent.strategy
    )
    holdings = {name: holding for name, holding in book.holdings.items() if name != intent.instrument}
    if booking.position is not None:
        holdings[intent.instrument] = _holding(before, booking.position, fill)
    with localcontext(EXACT):
        cash = book.cash + booking.realised_profit - fill.fee
    booked = replace(book, cash=cash, holdings=holdings, fill_count=book.fill_count + 1)
    return booked, Booked(replace(fill, realised_profit=booking.realised_profit), booking.realised_profit)


def book_charge(
    book: Book, instrument: str, terms: HoldingTerms, *, price: Decimal, rate: Decimal, at: datetime
) -> tuple[Book, Booked]:
    """Return the book after a position has paid for being held, or was paid for it.

    Args:
        price: that the position is valued at, in quote currency.
        rate: the account-currency value of one unit of it.
    """
    holding = book.holdings[instrument]
    position = holding.position
    with localcontext(EXACT):
        fee = terms.charge(abs(position.quantity) * price * rate, position.side)
        cash = book.cash - fee
    fill = Fill(
        venue_trade_id=f"T{book.fill_count + 1}",
        client_order_id=holding.entry_id,
        instrument=instrument,
        side=position.side,
        quantity=Decimal(0),
        price=price,
        fee=fee,
        fee_currency=book.currency,
        at=at,
        reason=terms.reason,
        realised_profit=Decimal(0),
    )
    return replace(book, cash=cash, fill_count=book.fill_count + 1), Booked(fill, Decimal(0))


def _fee(execution: Execution, fees: FeeSchedule, rate: Decimal) -> Decimal:
    with localcontext(EXACT):
        fee = fees.fee(execution.price * execution.quantity, execution.liquidity)
        return round_charge(fee * rate)


def _fill(
    book: Book, intent: OrderIntent, execution: Execution, at: datetime, fee: Decimal, reason: FillReason
) -> Fill:
    return Fill(
        venue_trade_id=f"T{book.fill_count + 1}",
        client_order_id=intent.client_order_id,
        instrument=intent.instrument,
        side=intent.side,
        quantity=execution.quantity,
        price=execution.price,
        fee=fee,
        fee_currency=book.currency,
        at=at,
        reason=reason,
    )


def _holding(before: Holding | None, position: Position, fill: Fill) -> Holding:
    if before is None or before.position.side is not position.side:
        return Holding(position, fill.client_order_id, fill.price)
    return replace(before, position=position)
