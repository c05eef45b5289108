"""Folds fills into positions: netting, average cost and realised profit, exact to the last digit."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import NamedTuple

from desk.matching.money import EXACT, round_money
from desk.model.books import Position
from desk.model.orders import Barriers, Fill


class Booking(NamedTuple):
    """What a fill did to a position.

    Attributes:
        position: what is held afterwards, None where flat.
        realised_profit: before fees, in account currency, at eight decimals.
        closed_quantity: base units of the earlier position that the fill closed.
    """

    position: Position | None
    realised_profit: Decimal
    closed_quantity: Decimal


def apply_fill(
    position: Position | None,
    fill: Fill,
    *,
    rate: Decimal = Decimal(1),
    barriers: Barriers = Barriers(),
    strategy: str = "",
) -> Booking:
    """Fold one fill of the position's instrument into it.

    The cost of what stays open takes up what rounding leaves over, so the profits of a round trip add up to what was
    received less what was paid. A fill beyond the position turns it.

    Args:
        rate: the account-currency value of one unit of the quote currency at the time of the fill.
        barriers, strategy: of the order; they go to a position that the fill opens or turns. Barriers of an order
            that adds to a position replace the earlier ones, unless the order has none.
    """
    assert position is None or position.instrument == fill.instrument, f"{fill.instrument} booked on {position}"
    with localcontext(EXACT):
        if position is None:
            return Booking(_open(fill, fill.quantity, barriers, strategy), Decimal(0), Decimal(0))
        if position.side is fill.side:
            return Booking(_increase(position, fill, barriers), Decimal(0), Decimal(0))
        closed = min(abs(position.quantity), fill.quantity)
        rest, profit = _reduce(position, closed, fill.price)
        if fill.quantity > closed:
            rest = _open(fill, fill.quantity - closed, barriers, strategy)
        return Booking(rest, round_money(profit * rate), closed)


def fold_fills(fills: Iterable[Fill], *, rate: Decimal = Decimal(1)) -> Booking:
    """Fold the fills of one instrument, in any order and with repetitions, into one booking.

    Fills are put into the order of their times and, within one instant, of their trade ids.
    """
    position, profit, closed = None, Decimal(0), Decimal(0)
    unique = {fill.venue_trade_id: fill for fill in fills}
    for fill in sorted(unique.values(), key=lambda fill: (fill.at, len(fill.venue_trade_id), fill.venue_trade_id)):
        booking = apply_fill(position, fill, rate=rate)
        position, profit, closed = booking.position, profit + booking.realised_profit, closed + booking.closed_quantity
    return Booking(position, profit, closed)


def _open(fill: Fill, quantity: Decimal, barriers: Barriers, strategy: str) -> Position:
    signed = quantity * fill.side.sign
    return Position(fill.instrument, signed, signed * fill.price, fill.at, barriers, strategy)


def _increase(position: Position, fill: Fill, barriers: Barriers) -> Position:
    signed = fill.quantity * fill.side.sign
    return replace(
        position,
        quantity=position.quantity + signed,
        cost=position.cost + signed * fill.price,
        barriers=position.barriers if barriers == Barriers() else barriers,
    )


def _reduce(position: Position, closed: Decimal, price: Decimal) -> tuple[Position | None, Decimal]:
    """Return what stays open and the profit in quote currency."""
    signed = closed * position.side.sign
    proceeds = signed * price
    if signed == position.quantity:
        return None, proceeds - position.cost
    profit = round_money(proceeds - position.cost * signed / position.quantity)
    rest = replace(position, quantity=position.quantity - signed, cost=position.cost - proceeds + profit)
    return rest, profit
