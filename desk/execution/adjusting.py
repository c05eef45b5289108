"""Turns what the ledger holds into what the venue holds, by fills that are named for what they are. Pure.

The fills of an adjustment close at the average price of the ledger, so that they make no profit that nobody made, and
open at the price that gives the venue's average, so that the open profit is the venue's.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal, localcontext

from desk.execution.reconciliation import Failed
from desk.model.books import Position
from desk.model.externals import Externals
from desk.model.instrument import Instrument, Side
from desk.model.orders import Fill, FillReason

PREFIX = "adj-"
"""How the trade ids of adjustments begin; no venue's do."""

_DIGITS = Context(prec=28)
_SAME_AVERAGE = Decimal("0.0001")
_ZERO = Decimal(0)
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """A position that is not the same at the venue.

    Attributes:
        ledger, venue: None for flat.
        after: the trade id of the newest fill that the ledger has booked on the instrument; empty for none.
    """

    instrument: str
    ledger: Position | None
    venue: Position | None
    after: str = ""

    @property
    def quantity(self) -> Decimal:
        """What the venue has more than the ledger, signed."""
        return quantity_of(self.venue) - quantity_of(self.ledger)

    def __str__(self) -> str:
        held, told = quantity_of(self.ledger), quantity_of(self.venue)
        return f"{self.instrument}: the desk's fills add up to {held:f}, the venue holds {told:f}"


def quantity_of(position: Position | None) -> Decimal:
    """Return the signed quantity of a position, 0 for none."""
    return position.quantity if position else _ZERO


def compare_positions(
    ledger: Iterable[Position],
    venue: tuple[Position, ...] | Failed,
    *,
    tolerances: Mapping[str, Decimal],
    newest: Mapping[str, str] | None = None,
) -> tuple[Difference, ...]:
    """Return the positions that differ, by instrument; none where the venue's could not be read.

    Args:
        tolerances: by instrument, a difference of less than which counts as none; 0 for the others.
        newest: by instrument, the trade id of the newest booked fill.
    """
    if isinstance(venue, Failed):
        return ()
    ours = {position.instrument: position for position in ledger}
    theirs = {position.instrument: position for position in venue}
    pairs = (
        Difference(name, ours.get(name), theirs.get(name), (newest or {}).get(name, ""))
        for name in sorted({*ours, *theirs})
    )
    return tuple(pair for pair in pairs if pair.quantity and abs(pair.quantity) >= tolerances.get(pair.instrument, 0))


def tolerances_of(instruments: Mapping[str, Instrument]) -> dict[str, Decimal]:
    """Return what counts as no difference: less than a lot, and of what is bought whole less than can be sold."""
    return {
        name: instrument.lot if instrument.can_short else max(instrument.lot, instrument.minimum_quantity)
        for name, instrument in instruments.items()
    }


def external_quantities(
    ledger: Iterable[Position], differences: Iterable[Difference], externals: Externals
) -> dict[str, Decimal]:
    """Return by instrument what the venue holds and the desk did not trade, below 0 where it holds less.

    A position that was opened by an order of somebody else is the desk's own for an account that adopts.
    """
    apart = {difference.instrument: difference.quantity for difference in differences}
    if externals is Externals.ADOPT:
        return apart
    strange = {position.instrument: position.quantity for position in ledger if not position.strategy}
    return {name: apart.get(name, _ZERO) + strange.get(name, _ZERO) for name in {**apart, **strange}}


def adjust(account: str, difference: Difference, *, at: datetime) -> tuple[Fill, ...]:
    """Return the fills that make the ledger's position the venue's: the same ones for the same difference, always.

    Args:
        account: the account's name.
        difference: what is to be made good.
        at: the time of the first fill; after every fill of the instrument that the ledger has.
    """
    with localcontext(_DIGITS):
        legs = enumerate(_legs(difference))
        return tuple(_fill(account, difference, number, leg, at + number * _STEP) for number, leg in legs)


Leg = tuple[Decimal, Decimal]
"""A signed quantity and its price."""


def _legs(difference: Difference) -> tuple[Leg, ...]:
    ledger, venue = difference.ledger, difference.venue
    if ledger is None or venue is None:
        return (*_closing(ledger), *_opening(venue))
    if ledger.side is venue.side:
        price = _joining_price(ledger, venue)
        if price is not None:
            return ((difference.quantity, price),)
    return (*_closing(ledger), *_opening(venue))


def _joining_price(ledger: Position, venue: Position) -> Decimal | None:
    """The price of one fill that leads from one position to the other in its direction; None where there is none."""
    more = venue.quantity - ledger.quantity
    if abs(venue.quantity) > abs(ledger.quantity):
        price = (venue.cost - ledger.cost) / more
        return price if price > 0 else None
    off = abs(venue.average_price - ledger.average_price)
    return ledger.average_price if off <= ledger.average_price * _SAME_AVERAGE else None


def _closing(position: Position | None) -> tuple[Leg, ...]:
    return () if position is None else ((-position.quantity, position.average_price),)


def _opening(position: Position | None) -> tuple[Leg, ...]:
    return () if position is None else ((position.quantity, position.average_price),)


def _fill(account: str, difference: Difference, number: int, leg: Leg, at: datetime) -> Fill:
    quantity, price = leg
    name = _id(account, difference, number)
    return Fill(
        venue_trade_id=name,
        client_order_id=name,
        instrument=difference.instrument,
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=abs(quantity),
        price=price,
        fee=_ZERO,
        fee_currency=difference.instrument.split("/")[1].split(":")[0],
        at=at,
        reason=FillReason.ADJUSTMENT,
    )


def _id(account: str, difference: Difference, number: int) -> str:
    """A function of what the ledger had and the venue said; what was booked last keeps two alike apart."""
    held, told = (f"{quantity_of(side).normalize():f}" for side in (difference.ledger, difference.venue))
    key = "\n".join((account, difference.instrument, difference.after, held, told, f"{number}"))
    return PREFIX + base64.b32encode(hashlib.sha256(key.encode()).digest()[:15]).decode().lower()
