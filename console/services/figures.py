"""Prices and quantities of accounts in words: where they stand beside each other, those of an instrument look alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from desk.accounts import Fleet, RecordedFeed, SyntheticFeed
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.model.figures import SameDigits


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of an instrument of an account, in one row; None is not shown."""

    account: str
    instrument: str
    prices: Sequence[Decimal | None] = ()
    quantities: Sequence[Decimal | None] = ()


@dataclass(frozen=True, slots=True)
class FigureWords:
    """The words for the figures of all rows."""

    prices: SameDigits
    quantities: SameDigits


def words_for(fleet: Fleet, rows: Iterable[Figures]) -> FigureWords:
    """Return the words for rows that are shown together."""
    shown = list(rows)
    steps = price_steps(fleet, ((row.account, row.instrument) for row in shown))
    return FigureWords(
        SameDigits(((row.instrument, price) for row in shown for price in row.prices), steps),
        SameDigits((row.instrument, quantity) for row in shown for quantity in row.quantities),
    )


def price_steps(fleet: Fleet, traded: Iterable[tuple[str, str]]) -> Mapping[str, Decimal]:
    """Return the smallest price step of each instrument in quote currency.

    Args:
        fleet: as it is configured.
        traded: accounts, each with an instrument; one is missing that any of its accounts does not know.
    """
    found: dict[str, set[Decimal | None]] = {}
    for account, instrument in traded:
        found.setdefault(instrument, set()).add(_step(fleet, account, instrument))
    return {name: min(step for step in steps if step) for name, steps in found.items() if None not in steps}


def _step(fleet: Fleet, account: str, instrument: str) -> Decimal | None:
    """As far as it is known without asking a venue or opening a recording."""
    if account not in fleet.accounts:
        return None
    match fleet.feed_of(account):
        case SyntheticFeed():
            return CATALOGUE[instrument].instrument.tick if instrument in CATALOGUE else None
        case RecordedFeed(instruments=written) if written and instrument in written:
            return written[instrument].tick
    return None
