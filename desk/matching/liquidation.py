"""Where a venue closes positions by force: the price at which the equity falls under the maintenance margin.

The margin is that of the whole account: every position on margin carries every other one. What is bought on a spot
market is worth what it is worth, ties up nothing, and is not closed.
"""

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import TypeAlias

from desk.matching.book import Book
from desk.matching.money import EXACT
from desk.model.books import Position

Valued: TypeAlias = Callable[[Position], tuple[Decimal, Decimal]]
"""The price at which a position would be closed, and what one unit of its quote currency is worth to the account."""


def liquidation_price(
    book: Book, instrument: str, on_margin: frozenset[str], *, maintenance_fraction: Decimal, valued: Valued
) -> Decimal | None:
    """Return the price of one position at which the account is liquidated while all other prices stay; it may be < 0.

    With the maintenance fraction m, a position of q units that cost c and of which one unit of the quote currency is
    worth r meets it at p where cash + other profits + (q p - c) r = m (other values + |q| p r).

    Args:
        instrument: held.
        on_margin: those of the held instruments that are not spot.
        maintenance_fraction: below 1.
        valued: asked about every position; of `instrument` its price does not count.

    Returns:
        None where the venue never closes it: it is not on margin, or there is no maintenance margin.
    """
    if instrument not in on_margin or not maintenance_fraction:
        return None
    own = book.holdings[instrument].position
    with localcontext(EXACT):
        spare = book.cash
        for position in book.positions:
            if position.instrument != instrument:
                price, rate = valued(position)
                tied = abs(position.quantity) * price if position.instrument in on_margin else Decimal(0)
                spare += (position.quantity * price - position.cost - maintenance_fraction * tied) * rate
        _, rate = valued(own)
        return (own.cost - spare / rate) / (own.quantity - maintenance_fraction * abs(own.quantity))
