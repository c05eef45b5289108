"""In which market of an asset an idea is traded: spot or perpetual, by side, by what is for sale, by funding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk.model.books import Snapshot
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.regimes import NOTHING_KNOWN, Conditions


class LongMarket(StrEnum):
    """Where long positions are opened."""

    SPOT = "spot"
    PERPETUAL = "perpetual"
    CHEAPEST = "cheapest"


class ShortMarket(StrEnum):
    """Where short positions are opened."""

    PERPETUAL = "perpetual"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SideRules:
    """Which of several markets of the same asset an idea goes to.

    Attributes:
        most_funding: what a long may pay for eight hours, as a fraction of the notional, for the perpetual to be the
            cheapest; at 0 it is while longs pay nothing or are paid.
    """

    long: LongMarket = LongMarket.SPOT
    short: ShortMarket = ShortMarket.PERPETUAL
    most_funding: float = 0.0


def market_for(
    side: Side, markets: Iterable[Instrument], rules: SideRules, conditions: Mapping[str, Conditions]
) -> str | None:
    """Return the name of the one market, of those of one asset, in which a position of `side` is opened.

    A long goes to the kind that the rules name, and to the other where there is none. The cheapest is the perpetual
    with the lowest funding rate, where that is known and low enough, else spot: an unknown rate is not taken for a low
    one. A short goes to a market that can be sold short. None where there is none.
    """
    known = sorted(markets, key=lambda market: market.name)
    if side is Side.SELL:
        return _first(market for market in known if market.can_short and rules.short is not ShortMarket.NEVER)
    perpetuals = [market for market in known if market.kind is InstrumentKind.PERPETUAL]
    others = [market for market in known if market.kind is not InstrumentKind.PERPETUAL]
    if rules.long is LongMarket.PERPETUAL:
        return _first((*perpetuals, *others))
    if rules.long is LongMarket.CHEAPEST:
        cheap = sorted((rate, name) for name, rate in _funding(perpetuals, conditions) if rate <= rules.most_funding)
        if cheap:
            return cheap[0][1]
    return _first((*others, *perpetuals))


def siblings(name: str, names: Iterable[str], instruments: Mapping[str, Instrument]) -> tuple[str, ...]:
    """Return the markets of the same asset against the same currency, the market itself among them."""
    own = instruments[name]
    return tuple(
        other
        for other in names
        if other in instruments and (instruments[other].base, instruments[other].quote) == (own.base, own.quote)
    )


def why_elsewhere(
    name: str,
    side: Side,
    names: Iterable[str],
    rules: SideRules,
    snapshot: Snapshot,
    conditions: Mapping[str, Conditions],
) -> str:
    """Return why a position of `side` is not opened in this market of its asset; empty where it may be.

    A market without a price that can be traded on does not count. What is held in one market of an asset is an idea
    that lives there: nothing is opened in another one beside it.
    """
    same = siblings(name, names, snapshot.instruments)
    word = "long" if side is Side.BUY else "short"
    held = [other for other in same if other != name and snapshot.quantity(other) != 0]
    if held:
        return f"{held[0]}, of the same asset, is held or about to be"
    usable = (other for other in same if (quote := snapshot.quotes.get(other)) is not None and quote.tradable)
    chosen = market_for(side, (snapshot.instruments[other] for other in usable), rules, conditions)
    if chosen == name:
        return ""
    return f"a {word} of this asset is opened in {chosen}" if chosen else f"a {word} of this asset is not opened"


def _funding(perpetuals: Iterable[Instrument], conditions: Mapping[str, Conditions]) -> Iterable[tuple[str, float]]:
    for market in perpetuals:
        rate = conditions.get(market.name, NOTHING_KNOWN).funding_rate
        if rate is not None:
            yield market.name, rate


def _first(markets: Iterable[Instrument]) -> str | None:
    return next((market.name for market in markets), None)
