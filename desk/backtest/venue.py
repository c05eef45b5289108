"""The paper venue in memory: the books of an account, matched against recorded candles."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from desk.backtest.history import History
from desk.matching.advance import advance
from desk.matching.book import Book, Booked, Progress
from desk.matching.conversion import CandleRates, conversion_pair, rate_from
from desk.matching.place import place
from desk.matching.spread import to_decimal, widen
from desk.matching.terms import Terms
from desk.matching.valuation import MarketNow, money_of
from desk.model.books import AccountState, Quote
from desk.model.orders import Order, OrderIntent

_ONE = Decimal(1)
_BEGINNING = datetime.fromtimestamp(0, tz=UTC)


@dataclass(frozen=True, slots=True)
class Opening:
    """What an account begins with, in its own currency, and the conditions that it trades under."""

    currency: str
    cash: Decimal
    terms: Terms


class PaperBooks:
    """The books of one account and the market that they are matched against.

    Attributes:
        book: as it is now.
    """

    def __init__(self, account: str, history: History, opening: Opening) -> None:
        self.book = Book(account, opening.currency, opening.cash, watermark=_BEGINNING)
        self.terms = opening.terms
        self.history = history
        self.rates = CandleRates(opening.currency, history.base)

    def advance(self, at: datetime) -> tuple[Booked, ...]:
        """Match every candle that has closed since the last time; return the fills, oldest first."""
        book = self.book
        if not book.exposed or self.history.timeframe.floor(at) <= book.watermark:
            return ()
        candles = {name: self.history.base[name] for name in book.exposed}
        return self._take(
            advance(
                book,
                candles,
                until=at,
                instruments=self.history.instruments,
                terms=self.terms,
                rates=self.rates,
            )
        )

    def place(self, intent: OrderIntent, at: datetime) -> tuple[Order, tuple[Booked, ...]]:
        """Match an order at the quote of a time to which the books have been advanced."""
        self.book = replace(self.book, watermark=max(at, self.book.watermark))
        market = self.market(at, wanted=frozenset({intent.instrument}))
        progress = place(self.book, intent, market, self.terms)
        return progress.orders[intent.client_order_id], self._take(progress)

    def money(self, at: datetime) -> AccountState:
        """Return what the account has at the quotes of a time."""
        return money_of(self.book, self.market(at), self.terms)

    def market(self, at: datetime, *, wanted: frozenset[str] = frozenset()) -> MarketNow:
        """Return what is needed to value the books, and to place an order in one of the `wanted` instruments.

        What the book holds and has no quote now counts at its last close, and cannot be traded.
        """
        exposed = self.book.exposed
        names = {*exposed, *wanted, *self._pairs.values()} - {""}
        quotes = {name: quote for name in sorted(names) if (quote := self.history.quote(name, at)) is not None}
        instruments = self.history.instruments
        widened = {name: widen(one, instruments[name], self.terms.half_spread_bps) for name, one in quotes.items()}
        return MarketNow(at, instruments, widened, self._rates(quotes), self._volumes(wanted, at))

    def _take(self, progress: Progress) -> tuple[Booked, ...]:
        self.book = progress.book
        return progress.booked

    def _rates(self, quotes: dict[str, Quote]) -> dict[str, Decimal]:
        currency = self.book.currency
        rates = {
            quoted: rate_from(pair, quoted, quotes[pair].mid) for quoted, pair in self._pairs.items() if pair in quotes
        }
        return {**rates, currency: Decimal(1)}

    @cached_property
    def _pairs(self) -> dict[str, str]:
        """The converting instrument of each quote currency, empty where none is needed or known."""
        currency, instruments = self.book.currency, self.history.instruments
        return {
            one.quote: "" if one.quote == currency else conversion_pair(one.quote, currency, instruments) or ""
            for one in instruments.values()
        }

    def _volumes(self, names: frozenset[str], at: datetime) -> dict[str, Decimal]:
        """The newest closed candle's volume, which stands for that of the candle in which an order arrives."""
        if self.terms.participation is None and not self.terms.slippage.impact_bps:
            return {}
        newest = {name: self.history.base[name].until(at).tail(1) for name in names}
        return {name: to_decimal(float(one.volume[-1])) for name, one in newest.items() if len(one)}
