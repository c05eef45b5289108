"""Time passes over a book: closed candles meet barriers and working orders, in the order in which they closed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from desk.errors import DataError
from desk.matching.agenda import EventKind, in_time_order
from desk.matching.book import Book, Booked, Progress, WorkingOrder, book_charge, book_execution
from desk.matching.closes import Closes
from desk.matching.conversion import Rates
from desk.matching.exits import Exit, find_exit, find_exit_after_entry, trail
from desk.matching.fees import Liquidity
from desk.matching.fills import Execution, Touch, cut, execute, touch_bar
from desk.matching.liquidation import liquidation_price
from desk.matching.orders import CUT_TO_POSITION, ended, new_order, with_fill
from desk.matching.spread import Bar, bar_at
from desk.matching.terms import Terms
from desk.matching.valuation import is_spot_sale
from desk.model.books import Position
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.orders import FillReason, Order, OrderIntent, OrderState, OrderType, TimeInForce

_MOMENT = timedelta(seconds=1)
_SUFFIXES = {
    FillReason.STOP: "stop",
    FillReason.TARGET: "target",
    FillReason.TRAILING_STOP: "trail",
    FillReason.TIME_LIMIT: "time",
    FillReason.LIQUIDATION: "liquidation",
}
_TYPES = {
    FillReason.STOP: OrderType.STOP,
    FillReason.TARGET: OrderType.LIMIT,
    FillReason.TRAILING_STOP: OrderType.STOP,
    FillReason.TIME_LIMIT: OrderType.MARKET,
    FillReason.LIQUIDATION: OrderType.MARKET,
}


def advance(
    book: Book,
    candles: Mapping[str, Candles],
    *,
    until: datetime,
    instruments: Mapping[str, Instrument],
    terms: Terms,
    rates: Rates,
) -> Progress:
    """Return the book at `until`, matched against the candles that closed after its watermark.

    Advancing in one step or in several gives the same. In each candle the barriers of a position come first, then the
    working orders in the order of placing; a fill inside a candle carries the time at which the candle closed.
    Exits by barriers ignore `participation`: a stop that may not fill protects nothing. A barrier that ends a position
    cancels what is left of the order that opened it. What is held when a charge for holding is due pays it, after the
    candles that have closed by then; a position that is opened in that very moment does not.

    Args:
        candles: of one timeframe, for every exposed instrument of the book.

    Raises:
        DataError: a fill or a charge has no conversion rate.
    """
    assert book.exposed <= candles.keys(), f"expected candles of {sorted(book.exposed)}, found {sorted(candles)}"
    walk = _Walk(book, candles, instruments, terms, rates)
    exposed = {name: candles[name] for name in book.exposed}
    for event in in_time_order(exposed, terms.holding, after=book.watermark, until=until):
        name = event.instrument
        if event.kind is EventKind.CHARGE:
            walk.charge(name, event.at)
        elif name in walk.book.exposed:
            walk.through(name, bar_at(candles[name], event.row, instruments[name], terms.half_spread_bps))
    return walk.progress(until)


def meet(
    book: Book,
    instrument: str,
    bar: Bar,
    *,
    candles: Mapping[str, Candles],
    instruments: Mapping[str, Instrument],
    terms: Terms,
    rates: Rates,
) -> Progress:
    """Return the book after one candle of one of its instruments, as `advance` would come to it.

    The caller vouches that nothing before it does anything to the book.

    Raises:
        DataError: a fill has no conversion rate.
    """
    walk = _Walk(book, candles, instruments, terms, rates)
    walk.through(instrument, bar)
    return walk.progress(bar.closed_at)


def charge(
    book: Book,
    instrument: str,
    at: datetime,
    *,
    candles: Mapping[str, Candles],
    instruments: Mapping[str, Instrument],
    terms: Terms,
    rates: Rates,
) -> Progress:
    """Return the book after a charge for holding one of its instruments was due, as `advance` would come to it.

    Raises:
        DataError: the position has no conversion rate.
    """
    walk = _Walk(book, candles, instruments, terms, rates)
    walk.charge(instrument, at)
    return walk.progress(at)


class _Walk:
    """The book on its way, and what has happened so far."""

    def __init__(
        self,
        book: Book,
        candles: Mapping[str, Candles],
        instruments: Mapping[str, Instrument],
        terms: Terms,
        rates: Rates,
    ) -> None:
        self.book = book
        self._closes = Closes(candles, instruments, terms.half_spread_bps)
        self._instruments = instruments
        self._terms = terms
        self._rates = rates
        self._orders: dict[str, Order] = {}
        self._intents: dict[str, OrderIntent] = {}
        self._booked: list[Booked] = []

    def progress(self, until: datetime) -> Progress:
        book = replace(self.book, watermark=max(until, self.book.watermark))
        return Progress(book, self._orders, self._intents, tuple(self._booked))

    def through(self, name: str, bar: Bar) -> None:
        self._check_barriers(name, bar)
        touches = [touch for working in self._working(name) if (touch := self._work(working, bar)) is not None]
        entered_inside = any(not touch.at_open for touch in touches)
        if touches:
            self._check_barriers(name, bar, entered_inside=entered_inside)
        self._trail(name, bar, entered_inside=entered_inside)

    def charge(self, name: str, at: datetime) -> None:
        """Take what holding an instrument costs, by its last price; nothing where it is not held any more."""
        if name not in self.book.holdings:
            return
        price, rate = self._closes.mid(self.book.holdings[name].position, at), self._rate(name, at)
        self.book, booked = book_charge(self.book, name, self._terms.holding[name], price=price, rate=rate, at=at)
        self._booked.append(booked)

    def _check_barriers(self, name: str, bar: Bar, *, entered_inside: bool = False) -> None:
        holding = self.book.holdings.get(name)
        if holding is None:
            return
        find = find_exit_after_entry if entered_inside else find_exit
        liquidation = self._liquidation(name, bar) if self._terms.maintenance_fraction else None
        found = find(holding.position, holding.best_price, bar, liquidation=liquidation)
        if found is not None:
            self._exit(holding.position, holding.entry_id, found, bar)
            if found.reason is FillReason.LIQUIDATION:
                self._liquidate_others(bar)

    def _liquidation(self, name: str, bar: Bar) -> Decimal | None:
        """The price at which the venue closes a position inside a candle, everything else at its last close."""

        def valued(position: Position) -> tuple[Decimal, Decimal]:
            price = self._closes.exit_price(position, bar.closed_at - _MOMENT)
            return price, self._rate(position.instrument, bar.closed_at)

        share = self._terms.maintenance_fraction
        return liquidation_price(self.book, name, self._on_margin, maintenance_fraction=share, valued=valued)

    def _liquidate_others(self, bar: Bar) -> None:
        """Close what else is held on margin at its last price before the candle that was too much."""
        for name in sorted(self._on_margin):
            holding, before = self.book.holdings[name], bar.closed_at - _MOMENT
            price = self._closes.exit_price(holding.position, before)
            found = Exit(Touch(price, Liquidity.TAKER, at_open=False), FillReason.LIQUIDATION)
            last = self._closes.bar(name, before) or bar
            self._exit(holding.position, holding.entry_id, found, replace(last, closed_at=bar.closed_at))

    @property
    def _on_margin(self) -> frozenset[str]:
        return frozenset(name for name in self.book.holdings if self._instruments[name].can_short)

    def _exit(self, position: Position, entry_id: str, found: Exit, bar: Bar) -> None:
        self.book = replace(self.book, order_count=self.book.order_count + 1)
        intent = _exit_intent(self.book.account, position, entry_id, found, bar.closed_at)
        order = new_order(intent, self.book.order_count, bar.closed_at)
        self._book(intent, order, self._execution(intent, found.touch, intent.quantity, bar), bar, found.reason)
        for working in self._working(position.instrument):
            if working.intent.client_order_id == entry_id:
                self._cancel(working, f"position closed by its {found.reason.replace('_', ' ')}", bar)

    def _work(self, working: WorkingOrder, bar: Bar) -> Touch | None:
        """Match one working order and return what it met, None where nothing was filled."""
        intent = working.intent
        touch = touch_bar(intent, bar, triggered=working.is_triggered)
        available = self._available(working)
        if available == 0:
            self._cancel(working, "nothing to reduce", bar)
            return None
        if touch is None:
            return None
        room = self._room(intent.instrument, bar)
        quantity = cut(available, room, self._instruments[intent.instrument])
        if quantity == 0:
            self._trigger(working)
            return None
        order = self._book(intent, working.order, self._execution(intent, touch, quantity, bar), bar)
        self._keep(replace(working, order=order, is_triggered=intent.type is OrderType.STOP))
        if quantity == available and not order.state.is_final:
            self._cancel(replace(working, order=order), CUT_TO_POSITION, bar)
        return touch

    def _trigger(self, working: WorkingOrder) -> None:
        if working.intent.type is OrderType.STOP and not working.is_triggered:
            self._keep(replace(working, is_triggered=True))

    def _available(self, working: WorkingOrder) -> Decimal:
        """What is left of the order, cut to the position where it may only reduce."""
        intent = working.intent
        if intent.reduce_only or is_spot_sale(self._instruments[intent.instrument], intent.side):
            return min(working.remaining, self.book.reducible(intent.instrument, intent.side))
        return working.remaining

    def _room(self, name: str, bar: Bar) -> Decimal | None:
        """What earlier orders have left of the candle's volume."""
        capacity = self._terms.capacity(bar.volume)
        if capacity is None:
            return None
        taken = (
            fill.quantity
            for fill, _ in self._booked
            if fill.instrument == name and fill.at == bar.closed_at and fill.reason is FillReason.ORDER
        )
        return capacity - sum(taken, Decimal(0))

    def _execution(self, intent: OrderIntent, touch: Touch, quantity: Decimal, bar: Bar) -> Execution:
        instrument, slippage = self._instruments[intent.instrument], self._terms.slippage
        return execute(intent, touch, quantity, volume=bar.volume, slippage=slippage, instrument=instrument)

    def _book(
        self,
        intent: OrderIntent,
        order: Order,
        execution: Execution,
        bar: Bar,
        reason: FillReason = FillReason.ORDER,
    ) -> Order:
        rate = self._rate(intent.instrument, bar.closed_at)
        forced = self._terms.liquidation_fee_bps if reason is FillReason.LIQUIDATION else Decimal(0)
        fees = self._terms.fees.dearer(forced)
        self.book, booked = book_execution(
            self.book, intent, execution, at=bar.closed_at, fees=fees, rate=rate, reason=reason
        )
        self._booked.append(booked)
        return self._note(intent, with_fill(order, booked.fill))

    def _rate(self, name: str, at: datetime) -> Decimal:
        currency = self._instruments[name].quote
        rate = self._rates.rate(currency, at)
        if rate is None:
            raise DataError(f"{name}: expected a rate from {currency} to {self.book.currency} at {at}, found none")
        return rate

    def _trail(self, name: str, bar: Bar, *, entered_inside: bool) -> None:
        holding = self.book.holdings.get(name)
        if holding is None or holding.position.barriers.trailing_distance is None:
            return
        best = trail(holding.position, holding.best_price, bar, entered_inside=entered_inside)
        self.book = replace(self.book, holdings={**self.book.holdings, name: replace(holding, best_price=best)})

    def _working(self, name: str) -> tuple[WorkingOrder, ...]:
        return tuple(working for working in self.book.working if working.intent.instrument == name)

    def _cancel(self, working: WorkingOrder, reason: str, bar: Bar) -> None:
        order = ended(working.order, OrderState.CANCELLED, reason, bar.closed_at)
        self._keep(replace(working, order=self._note(working.intent, order)))

    def _keep(self, changed: WorkingOrder) -> None:
        """Put a changed order back in its place, or take it off the book where it is final."""
        self._note(changed.intent, changed.order)
        kept = (changed if working.intent == changed.intent else working for working in self.book.working)
        self.book = replace(self.book, working=tuple(one for one in kept if not one.order.state.is_final))

    def _note(self, intent: OrderIntent, order: Order) -> Order:
        self._intents[order.client_order_id] = intent
        self._orders[order.client_order_id] = order
        return order


def _exit_intent(account: str, position: Position, entry_id: str, found: Exit, at: datetime) -> OrderIntent:
    kind = _TYPES[found.reason]
    return OrderIntent(
        client_order_id=f"{entry_id}-{_SUFFIXES[found.reason]}",
        account=account,
        strategy=position.strategy,
        instrument=position.instrument,
        candle_close=at,
        side=position.side.opposite,
        type=kind,
        quantity=abs(position.quantity),
        price=None if kind is OrderType.MARKET else found.touch.price,
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
    )
