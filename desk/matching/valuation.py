"""What a book is worth, and how much it has at stake, at the prices of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from desk.errors import DataError
from desk.matching.book import Book, WorkingOrder
from desk.matching.conversion import rates_from
from desk.matching.spread import widen
from desk.matching.terms import Terms
from desk.model.books import AccountState, Position, Quote
from desk.model.instrument import Instrument, Side


@dataclass(frozen=True, slots=True)
class MarketNow:
    """What is known of the market at one moment.

    Attributes:
        instruments, quotes: by instrument name; an instrument without a quote is missing from `quotes`.
        rates: the account-currency value of one unit of each quote currency, where known.
        volumes: of each instrument's newest closed candle in base units, where known.
    """

    at: datetime
    instruments: Mapping[str, Instrument]
    quotes: Mapping[str, Quote]
    rates: Mapping[str, Decimal]
    volumes: Mapping[str, Decimal] = field(default_factory=dict)

    def rate(self, instrument: str) -> Decimal | None:
        """Return the account-currency value of one unit of the instrument's quote currency, or None where unknown."""
        return self.rates.get(self.instruments[instrument].quote)


def market_now(
    at: datetime,
    instruments: Mapping[str, Instrument],
    quotes: Mapping[str, Quote],
    pairs: Mapping[str, str],
    *,
    currency: str,
    half_spread_bps: Decimal,
    volumes: Mapping[str, Decimal],
) -> MarketNow:
    """Return the market as a venue deals in it: quotes of a feed with a spread, and the rates that they imply.

    Args:
        quotes: as the feed gives them, those of the pairs among them.
        pairs: the converting instrument of each quote currency, as of `conversion_pairs`.
        currency: the account's.
        half_spread_bps: around the price where the feed has only one.
    """
    widened = {name: widen(quote, instruments[name], half_spread_bps) for name, quote in quotes.items()}
    return MarketNow(at, instruments, widened, {**rates_from(pairs, quotes), currency: Decimal(1)}, volumes)


def joined(market: MarketNow, more: MarketNow) -> MarketNow:
    """Return the market with the quotes and volumes that another look at the same moment has."""
    return replace(market, quotes={**market.quotes, **more.quotes}, volumes={**market.volumes, **more.volumes})


def money_of(book: Book, market: MarketNow, terms: Terms) -> AccountState:
    """Return what the account has at the prices of now; `conversion` has every rate that is known.

    Raises:
        DataError: a position has no price or no conversion rate.
    """
    used, worth = margin(book, market, terms), equity(book, market)
    return AccountState(book.currency, book.cash, worth, market.at, market.rates, _balances(book, market), used)


def _balances(book: Book, market: MarketNow) -> Mapping[str, Decimal]:
    """Cash by currency; what a spot position has cost is no longer there, its base currency is."""
    balances = {book.currency: book.cash}
    for position in book.positions:
        instrument = market.instruments[position.instrument]
        if not instrument.can_short:
            spent = position.cost * (market.rate(position.instrument) or 1)
            balances[book.currency] -= spent
            balances[instrument.base] = balances.get(instrument.base, Decimal(0)) + position.quantity
    return balances


def equity(book: Book, market: MarketNow) -> Decimal:
    """Return cash and open profit or loss, in account currency.

    Raises:
        DataError: a position has no price or no conversion rate.
    """
    return book.cash + sum(
        (
            position.unrealised_profit(_quote(position.instrument, market)) * _rate(position.instrument, market)
            for position in book.positions
        ),
        Decimal(0),
    )


def margin(book: Book, market: MarketNow, terms: Terms) -> Decimal:
    """Return what open positions tie up of the equity, in account currency: their value over the leverage allowed.

    Raises:
        DataError: a position has no price or no conversion rate.
    """
    return sum((_margin_of(position, market, terms) for position in book.positions), Decimal(0))


def _margin_of(position: Position, market: MarketNow, terms: Terms) -> Decimal:
    name = position.instrument
    price = _quote(name, market).price_for(position.side.opposite)
    return abs(position.quantity) * price * _rate(name, market) / terms.leverage(market.instruments[name])


def exposure(book: Book, market: MarketNow) -> Decimal:
    """Return the absolute value of what is held and of what working orders may add to it, in account currency.

    Of the two sides of an instrument the larger one counts. Positions are valued where they would be closed.

    Raises:
        DataError: an instrument has no price or no conversion rate.
    """
    return sum((_exposure_in(name, book, market) for name in sorted(book.exposed)), Decimal(0))


def _exposure_in(name: str, book: Book, market: MarketNow) -> Decimal:
    quote, held = _quote(name, market), book.held(name)
    value = held * quote.price_for(Side.SELL if held > 0 else Side.BUY)
    opening = [working for working in book.working if working.intent.instrument == name and _can_open(working, market)]
    bought = sum((_value(working, quote) for working in opening if working.intent.side is Side.BUY), Decimal(0))
    sold = sum((_value(working, quote) for working in opening if working.intent.side is Side.SELL), Decimal(0))
    return max(abs(value + bought), abs(value - sold)) * _rate(name, market)


def _can_open(working: WorkingOrder, market: MarketNow) -> bool:
    intent = working.intent
    return not (intent.reduce_only or is_spot_sale(market.instruments[intent.instrument], intent.side))


def is_spot_sale(instrument: Instrument, side: Side) -> bool:
    """Whether an order can only give away what is held."""
    return side is Side.SELL and not instrument.can_short


def _value(working: WorkingOrder, quote: Quote) -> Decimal:
    price = working.intent.price
    return working.remaining * (quote.price_for(working.intent.side) if price is None else price)


def _quote(name: str, market: MarketNow) -> Quote:
    quote = market.quotes.get(name)
    if quote is None:
        raise DataError(f"{name}: expected a price at {market.at:%Y-%m-%dT%H:%M:%SZ} to value the position, found none")
    return quote


def _rate(name: str, market: MarketNow) -> Decimal:
    rate = market.rate(name)
    if rate is None:
        currency = market.instruments[name].quote
        raise DataError(
            f"{name}: expected a conversion rate for {currency} at {market.at:%Y-%m-%dT%H:%M:%SZ}, found none"
        )
    return rate
