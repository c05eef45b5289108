"""The paper venue in memory: the books of an account, matched against recorded candles."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from desk.backtest.danger import Danger
from desk.backtest.history import History
from desk.backtest.prices import Sides
from desk.backtest.touches import Lookout, best_after, follow
from desk.matching.advance import advance, charge, meet
from desk.matching.book import Book, Booked, Progress
from desk.matching.conversion import CandleRates, conversion_pairs
from desk.matching.exits import trail
from desk.matching.place import place
from desk.matching.spread import bar_at, to_decimal
from desk.matching.terms import Terms
from desk.matching.valuation import MarketNow, equity, joined, market_now, money_of
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


@dataclass(slots=True)
class _Quoted:
    """What was asked of one moment: a cycle asks for the same prices many times.

    Attributes:
        names: the instruments that `market` was asked about.
    """

    at: datetime
    quotes: dict[str, Quote | None] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    market: MarketNow | None = None


class _Event(NamedTuple):
    """A candle that may end a position, or any of several where it has no name; or a charge for holding one."""

    at: datetime
    is_charge: bool
    instrument: str


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
        self._sides: dict[str, Sides] = {}
        self._lookouts: dict[str, Lookout] = {}
        self._quoted = _Quoted(_BEGINNING)
        # Until when everything has been charged, and within a jump what has been charged beyond that.
        self._settled = _BEGINNING
        self._charged: dict[str, datetime] = {}
        share = float(opening.terms.maintenance_fraction)
        self._danger = Danger(history, opening.currency, self.sides, share) if share else None

    def advance(self, at: datetime) -> tuple[Booked, ...]:
        """Match every candle that has closed since the last time; return the fills, oldest first."""
        book = self.book
        if not book.exposed or self.history.timeframe.floor(at) <= book.watermark:
            return ()
        if not book.working:
            return self._jump(at)
        self._lookouts.clear()
        self._settled = at
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

    def sides(self, name: str) -> Sides:
        """Return what orders in an instrument meet, as floats."""
        if name not in self._sides:
            width = float(self.terms.half_spread_bps)
            self._sides[name] = Sides(self.history.instruments[name], self.history.base[name], width)
        return self._sides[name]

    def next_touch(self) -> datetime | None:
        """Return when something may next happen to what is held: a candle that ends it, a charge; None for never."""
        found = self._next()
        return found.at if found else None

    def place(self, intent: OrderIntent, at: datetime) -> tuple[Order, tuple[Booked, ...]]:
        """Match an order at the quote of a time to which the books have been advanced."""
        self._settled = at
        progress = place(self.book, intent, self.market(at, wanted=frozenset({intent.instrument})), self.terms)
        return progress.orders[intent.client_order_id], self._take(progress)

    def money(self, at: datetime) -> AccountState:
        """Return what the account has at the quotes of a time."""
        return money_of(self.book, self.market(at), self.terms)

    def equity(self, at: datetime) -> Decimal:
        """Return what the account is worth at the quotes of a time, in its own currency."""
        return equity(self.book, self.market(at))

    def market(self, at: datetime, *, wanted: frozenset[str] = frozenset()) -> MarketNow:
        """Return what is needed to value the books, and to place an order in one of the `wanted` instruments.

        What the book holds and has no quote now counts at its last close, and cannot be traded.
        """
        names, quoted = self.book.exposed | wanted, self._quotes_at(at)
        if quoted.market is None:
            quoted.names, quoted.market = names, self._market(at, names)
        elif more := names - quoted.names:
            quoted.names, quoted.market = quoted.names | more, joined(quoted.market, self._market(at, more))
        return quoted.market

    def quote(self, name: str, at: datetime) -> Quote | None:
        """Return the best prices of the feed as of a time, or None where there is no candle yet."""
        quotes = self._quotes_at(at).quotes
        if name not in quotes:
            quotes[name] = self.history.quote(name, at)
        return quotes[name]

    def _market(self, at: datetime, names: frozenset[str]) -> MarketNow:
        quotes = {name: self.quote(name, at) for name in (*names, *self._pairs.values())}
        return market_now(
            at,
            self.history.instruments,
            {name: quote for name, quote in quotes.items() if quote is not None},
            self._pairs,
            currency=self.book.currency,
            half_spread_bps=self.terms.half_spread_bps,
            volumes=self._volumes(names, at),
        )

    def _quotes_at(self, at: datetime) -> "_Quoted":
        if self._quoted.at != at:
            self._quoted = _Quoted(at)
        return self._quoted

    def _jump(self, at: datetime) -> tuple[Booked, ...]:
        """Match only the candles that may end a position: while nothing works, the others change nothing."""
        booked: list[Booked] = []
        while (found := self._next()) is not None and found.at <= at:
            booked.extend(self._charge(found) if found.is_charge else self._meet_at(found))
        self._settled = at
        for name in self.book.holdings:
            self._pass(name, self.history.base[name].rows_until(at.timestamp()))
        self.book = replace(self.book, watermark=max(at, self.book.watermark))
        return tuple(booked)

    def _next(self) -> _Event | None:
        """What may next happen to what is held."""
        found = [*self._touches(), *self._charges()] if self.terms.holding else self._touches()
        first = min(found, default=None)
        if self._danger is None:
            return first
        until = None if first is None else int(first.at.timestamp())
        danger = self._danger.next(self.book, int(self.book.watermark.timestamp()), until)
        return (
            first if danger is None else _Event(datetime.fromtimestamp(danger, tz=UTC), is_charge=False, instrument="")
        )

    def _touches(self) -> list[_Event]:
        """The next candle that may end each position."""
        found = ((self._lookout(name).closes_at, name) for name in self.book.holdings)
        return [
            _Event(datetime.fromtimestamp(closes_at, tz=UTC), is_charge=False, instrument=name)
            for closes_at, name in found
            if closes_at is not None
        ]

    def _charges(self) -> list[_Event]:
        """What each position pays next for being held."""
        holding, settled = self.terms.holding, self._settled
        return [
            _Event(holding[name].due(max(settled, self._charged.get(name, settled))), is_charge=True, instrument=name)
            for name in self.book.holdings
            if name in holding
        ]

    def _charge(self, found: _Event) -> tuple[Booked, ...]:
        """Take what holding a position costs at a time."""
        name, base = found.instrument, self.history.base
        self._charged[name] = found.at
        instruments, terms = self.history.instruments, self.terms
        return self._take(
            charge(self.book, name, found.at, candles=base, instruments=instruments, terms=terms, rates=self.rates)
        )

    def _meet_at(self, found: _Event) -> tuple[Booked, ...]:
        """Match the candle that may end a position; with margin, all that close with it: one weighs on another."""
        if self._danger is None:
            touch = self._lookouts[found.instrument].touch
            assert touch is not None
            return self._meet(found.instrument, touch)
        booked: list[Booked] = []
        for name in sorted(self.book.holdings):
            candles, seconds = self.history.base[name], int(found.at.timestamp())
            row = candles.rows_until(seconds) - 1
            if name in self.book.holdings and row >= 0 and int(candles.close_times[row]) == seconds:
                booked.extend(self._meet(name, row))
        return tuple(booked)

    def _lookout(self, name: str) -> Lookout:
        holding = self.book.holdings[name]
        lookout = self._lookouts.get(name)
        if lookout is None or not lookout.is_of(holding):
            first = self.history.base[name].rows_until(self.book.watermark.timestamp())
            lookout = self._lookouts[name] = follow(holding, self.sides(name), first)
        return lookout

    def _pass(self, name: str, row: int) -> None:
        """Follow a position up to a candle, none of which before it ends the position."""
        lookout, sides, holding = self._lookout(name), self.sides(name), self.book.holdings[name]
        if holding.position.barriers.trailing_distance is None:
            return
        if (best := best_after(holding, sides, range(lookout.row, row))) is not None:
            bar = bar_at(sides.candles, best, sides.instrument, self.terms.half_spread_bps)
            holding = replace(holding, best_price=trail(holding.position, holding.best_price, bar))
            self.book = replace(self.book, holdings={**self.book.holdings, name: holding})
        self._lookouts[name] = replace(lookout, holding=holding, row=max(row, lookout.row))

    def _meet(self, name: str, row: int) -> tuple[Booked, ...]:
        """Match the exact candle, which may leave the position as it is."""
        self._pass(name, row)
        instruments, sides = self.history.instruments, self.sides(name)
        bar = bar_at(sides.candles, row, sides.instrument, self.terms.half_spread_bps)
        booked = self._take(
            meet(
                self.book,
                name,
                bar,
                candles=self.history.base,
                instruments=instruments,
                terms=self.terms,
                rates=self.rates,
            )
        )
        if (holding := self.book.holdings.get(name)) is not None:
            self._lookouts[name] = follow(holding, sides, row + 1)
        return booked

    def _take(self, progress: Progress) -> tuple[Booked, ...]:
        self.book = progress.book
        return progress.booked

    @cached_property
    def _pairs(self) -> dict[str, str]:
        """The converting instrument of each quote currency that there is."""
        instruments = self.history.instruments
        return conversion_pairs((one.quote for one in instruments.values()), self.book.currency, instruments)

    def _volumes(self, names: frozenset[str], at: datetime) -> dict[str, Decimal]:
        """The newest closed candle's volume, which stands for that of the candle in which an order arrives."""
        if self.terms.participation is None and not self.terms.slippage.impact_bps:
            return {}
        newest = {name: self.history.base[name].until(at).tail(1) for name in names}
        return {name: to_decimal(float(one.volume[-1])) for name, one in newest.items() if len(one)}
