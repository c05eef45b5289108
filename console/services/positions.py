"""Positions of the whole fleet: what the ledger has, what they are worth now, and what their venues said last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from console.services.markets import Markets
from console.services.opening import OpenDesk
from console.services.telling import quoted_in
from desk.adapters.ledger.fleet_views import LastLook
from desk.model.books import Position, Quote
from desk.model.orders import Barriers

_NOTHING = Decimal(0)


class Agreement(StrEnum):
    """Whether a venue held the same when it was asked last.

    TRADED_SINCE: it cannot be told, because there was a fill after that. NOT_ASKED: it never was.
    """

    SAME = "same"
    DIFFERS = "differs"
    TRADED_SINCE = "traded since"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class FleetPosition:
    """What an account holds of an instrument, beside what its venue said.

    Attributes:
        quantity: base units, above 0 long, below 0 short, by the fills of the ledger; 0 where only the venue has some.
        average_price: in quote currency; None where nothing is held by the ledger.
        price: at which it could be closed, in quote currency; None where none is known.
        price_at: when that was so.
        profit: open, in quote currency, before fees; None without a price.
        venue_quantity: what the venue held at `venue_at`; None where it was never asked.
    """

    account: str
    instrument: str
    strategy: str
    quantity: Decimal
    average_price: Decimal | None
    barriers: Barriers
    opened_at: datetime | None
    price: Decimal | None
    price_at: datetime | None
    profit: Decimal | None
    quote_currency: str
    venue_quantity: Decimal | None
    venue_at: datetime | None
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class _Known:
    looks: Mapping[str, LastLook]
    fills: Mapping[tuple[str, str], datetime]
    quotes: Mapping[tuple[str, str], Quote]


async def fleet_positions(desk: OpenDesk, markets: Markets) -> tuple[FleetPosition, ...]:
    """Return every position that the ledger or a venue has, by account and instrument."""
    names = list(desk.fleet.accounts)
    held = await desk.ledger.fleet_positions(names)
    looks = await desk.ledger.last_looks(names)
    ours = {(name, one.instrument): one for name, positions in held.items() for one in positions}
    theirs = {(name, one.instrument): one for name, look in looks.items() for one in look.positions}
    pairs = sorted({*ours, *theirs})
    quotes = await markets.prices(desk.fleet, {name: [one.instrument for one in of] for name, of in held.items()})
    known = _Known(looks, await desk.ledger.last_fills(pairs) if pairs else {}, quotes)
    rows = (_position(pair, ours.get(pair), theirs.get(pair), known) for pair in pairs)
    return tuple(row for row in rows if row.quantity or row.agreement is Agreement.DIFFERS)


def _position(pair: tuple[str, str], ours: Position | None, theirs: Position | None, known: _Known) -> FleetPosition:
    account, instrument = pair
    look, quote = known.looks.get(account), _quote(pair, known)
    quantity, told = (one.quantity if one else _NOTHING for one in (ours, theirs))
    priced = ours is not None and quote is not None
    return FleetPosition(
        account=account,
        instrument=instrument,
        strategy=ours.strategy if ours else "",
        quantity=quantity,
        average_price=ours.average_price if ours else None,
        barriers=ours.barriers if ours else Barriers(),
        opened_at=ours.opened_at if ours else None,
        price=quote.price_for(ours.side.opposite) if priced and ours and quote else None,
        price_at=quote.at if priced and quote else None,
        profit=ours.unrealised_profit(quote) if ours and quote else None,
        quote_currency=quoted_in(instrument),
        venue_quantity=told if look else None,
        venue_at=look.at if look else None,
        agreement=_agreement(pair, quantity, told, known),
    )


def _quote(pair: tuple[str, str], known: _Known) -> Quote | None:
    """The newest price, or that of the last scan."""
    account, instrument = pair
    look = known.looks.get(account)
    return known.quotes.get(pair) or (look.quotes.get(instrument) if look else None)


def _agreement(pair: tuple[str, str], ours: Decimal, theirs: Decimal, known: _Known) -> Agreement:
    look, filled_at = known.looks.get(pair[0]), known.fills.get(pair)
    if look is None:
        return Agreement.NOT_ASKED
    if filled_at is not None and filled_at >= look.at:
        return Agreement.TRADED_SINCE
    return Agreement.SAME if ours == theirs else Agreement.DIFFERS
