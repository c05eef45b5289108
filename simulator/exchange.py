"""The exchange behind every dialect: accounts, one market, one clock, and a lock around whatever changes them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from desk.adapters.venues.paper.market import PaperMarket
from desk.adapters.venues.paper.terms import PaperTerms
from desk.matching.advance import advance
from desk.matching.book import Book, Progress, WorkingOrder
from desk.matching.conversion import Rates
from desk.matching.orders import new_order
from desk.matching.place import cancel, place
from desk.matching.refusals import refusal
from desk.matching.valuation import MarketNow
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.orders import Barriers, OrderIntent, OrderState, OrderType, TimeInForce
from desk.model.timeframe import Timeframe
from desk.ports import Feed
from simulator.account import Account
from simulator.clock import SteeredClock
from simulator.reasons import Reason, reason_of
from simulator.records import Ask, Event, PlacedOrder
from simulator.tape import Tape, nothing
from simulator.venue import IdRule, Venue


class Purse(NamedTuple):
    """A wallet of an account; the one without a name is its book."""

    account: Account
    wallet: str = ""


class Exchange:
    """The truth. Dialects only translate; whoever wants to know what really happened asks here.

    Before it looks at an account, a caller awaits `settle`, which matches what the market has done since.
    """

    def __init__(self, feed: Feed, clock: SteeredClock, venues: Iterable[Venue]) -> None:
        self.clock = clock
        self.feed = feed
        self._venues = {venue.name: venue for venue in venues}
        self._lock = asyncio.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin again with the accounts that are always there, and nothing set by hand; the clock too."""
        self.clock.restart()
        self._tape = Tape(self.feed)
        self._accounts: dict[tuple[str, str], Account] = {}
        for venue in self._venues.values():
            self.open_account(venue.name, venue.account, venue.secrets)

    def open_account(
        self,
        venue: str,
        name: str,
        secrets: Mapping[str, str],
        *,
        currency: str | None = None,
        cash: Decimal | None = None,
    ) -> Account:
        """Open an account, in place of one of that name."""
        rules = self._venues[venue]
        terms = rules.terms(currency or rules.currency, rules.cash if cash is None else cash)
        account = Account(rules, name, terms, secrets, self.clock.now())
        self._accounts[venue, name] = account
        return account

    def accounts(self, venue: str | None = None) -> tuple[Account, ...]:
        """Return the accounts of one venue, or all."""
        return tuple(account for (where, _), account in self._accounts.items() if venue in (None, where))

    def venue(self, name: str) -> Venue:
        """Return the rules of a venue."""
        return self._venues[name]

    async def instruments(self, venue: Venue) -> Mapping[str, Instrument]:
        """Return what a venue lists, by name."""
        return {name: one for name, one in (await self.feed.instruments()).items() if venue.lists(one)}

    async def quotes(self, names: Sequence[str]) -> Mapping[str, Quote]:
        """Return the present prices."""
        return await self._tape.quotes(names, at=self.clock.now())

    async def candles(self, name: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return closed candles of the feed, none from the simulated future."""
        return await self.feed.candles(name, timeframe, until=min(until, self.clock.now()), count=count)

    async def settle(self, account: Account) -> None:
        """Match the account against the candles that have closed since the last time."""
        async with self._lock:
            await self._catch_up(account, self.clock.now())

    async def market(self, account: Account, *wanted: str) -> MarketNow:
        """Return the prices and rates that the account is worth something at."""
        return await self._market(account).now(account.book, self.clock.now(), wanted=frozenset(wanted))

    async def submit(self, account: Account, ask: Ask) -> tuple[Event, ...]:
        """Take an order and return what happened, which begins with its creation or its rejection.

        An id that the venue takes for a repetition gives the event that created the first order, alone.
        """
        async with self._lock:
            now = self.clock.now()
            await self._catch_up(account, now)
            earlier = account.known_as(ask.client_id)
            if earlier is not None and account.venue.id_rule is IdRule.IDEMPOTENT:
                return (account.events[earlier.number - 1],)
            intent = _intent(account, ask, now)
            if earlier is not None and (earlier.is_working or account.venue.id_rule is IdRule.UNIQUE):
                return tuple(account.note_rejected(ask, intent, Reason.DUPLICATE_ID, now))
            return tuple(await self._place(account, ask, intent, now))

    async def reject(self, account: Account, ask: Ask, reason: Reason | None = None) -> Event:
        """Write down an order that the dialect does not take; without a reason its details have one."""
        async with self._lock:
            now = self.clock.now()
            return account.note_rejected(ask, _intent(account, ask, now), reason, now)[0]

    async def cancel(self, account: Account, number: int, *, reason: Reason = Reason.ON_REQUEST) -> Event | None:
        """Cancel what is left of an order; None where nothing is."""
        async with self._lock:
            now = self.clock.now()
            await self._catch_up(account, now)
            placed = account.orders.get(number)
            if placed is None or not placed.is_working:
                return None
            account.book = cancel(account.book, placed.intent.client_order_id, now).book
            return account.dismiss(placed, reason, now)

    async def judge(self, account: Account, ask: Ask) -> Reason | None:
        """Return why an order would not be taken, None where it would; nothing comes of it."""
        async with self._lock:
            now = self.clock.now()
            await self._catch_up(account, now)
            intent = _intent(account, ask, now)
            market = await self.market(account, ask.instrument)
            order = place(account.book, intent, market, self._terms(account).matching).orders[intent.client_order_id]
            return reason_of(order.reason) if order.state is OrderState.REJECTED else None

    async def move(self, source: Purse, target: Purse, amount: Decimal, free: Callable[[], Awaitable[Decimal]]) -> bool:
        """Move money between the wallets of one customer; False, and nothing is moved, where less is free.

        Args:
            free: tells how much can leave the source, at the present.
        """
        async with self._lock:
            now = self.clock.now()
            for account in (source.account, target.account):
                await self._catch_up(account, now)
            if amount > await free():
                return False
            source.account.pay(source.wallet, -amount, now)
            target.account.pay(target.wallet, amount, now)
            return True

    async def amend(
        self, account: Account, number: int, *, price: Decimal, quantity: Decimal, details: Mapping[str, object]
    ) -> PlacedOrder | None:
        """Give a working order another price, quantity and details; None where nothing of it is left.

        It keeps what has been filled, and meets the market with the next candle or price.
        """
        async with self._lock:
            await self._catch_up(account, self.clock.now())
            placed = account.orders.get(number)
            if placed is None or not placed.is_working:
                return None
            intent = replace(placed.intent, price=price, quantity=quantity)
            order = replace(placed.order, quantity=quantity)
            account.amend(replace(placed, intent=intent, order=order, details=details))
            return account.orders[number]

    async def set_barriers(
        self, account: Account, instrument: str, barriers: Barriers, *, ask: Ask | None = None
    ) -> tuple[Event, ...]:
        """Change what guards a position.

        Args:
            ask: what the client sent, where the barriers are an order of their own.

        Raises:
            LookupError: there is no position.
        """
        async with self._lock:
            now = self.clock.now()
            await self._catch_up(account, now)
            holding = account.book.holdings.get(instrument)
            if holding is None:
                raise LookupError(f"{account.name}: expected a position in {instrument}, found none")
            position = replace(holding.position, barriers=barriers)
            holdings = {**account.book.holdings, instrument: replace(holding, position=position)}
            account.book = replace(account.book, holdings=holdings)
            return tuple(account.guard(instrument, position, now, account.next_id, ask=ask))

    async def pin(self, instrument: str, bid: Decimal, ask: Decimal) -> None:
        """Hold an instrument at a price, and match every account's orders and barriers against it."""
        async with self._lock:
            now = self.clock.now()
            for account in self.accounts():
                await self._catch_up(account, now)
            quote = Quote(instrument, bid, ask, now)
            self._tape.pin(quote)
            for account in self.accounts():
                await self._match_pin(account, quote)

    async def unpin(self, instrument: str) -> None:
        """Let an instrument follow the feed again, from now on."""
        async with self._lock:
            await self._catch_all_up()
            self._tape.unpin(instrument)

    async def halt(self, instrument: str) -> None:
        """Stop trading in an instrument."""
        async with self._lock:
            await self._catch_all_up()
            self._tape.halt(instrument, self.clock.now())

    async def resume(self, instrument: str) -> None:
        """Trade an instrument again, from now on."""
        async with self._lock:
            await self._catch_all_up()
            self._tape.resume(instrument)

    async def limit(self, instrument: str, depth: Decimal | None) -> None:
        """Let one order, and one candle, have no more than `depth` base units; None lifts it."""
        async with self._lock:
            await self._catch_all_up()
            self._tape.limit(instrument, depth)

    def _market(self, account: Account) -> PaperMarket:
        return PaperMarket(self._tape, self._terms(account))

    def _terms(self, account: Account) -> PaperTerms:
        return replace(account.terms, participation=Decimal(1) if self._tape.is_shallow else None)

    async def _catch_all_up(self) -> None:
        """Bring every book to the present, so that a change of the market does not reach back."""
        now = self.clock.now()
        for account in self.accounts():
            await self._catch_up(account, now)

    async def _catch_up(self, account: Account, now: datetime) -> None:
        book = account.book
        if book.exposed and account.terms.base_timeframe.floor(now) > book.watermark:
            candles, rates = await self._market(account).candles(book, now)
            account.follow(await self._advanced(account, book, candles, rates, now), lambda at: at)
        if now > account.book.watermark:
            account.book = replace(account.book, watermark=now)

    async def _match_pin(self, account: Account, quote: Quote) -> None:
        """Show the account a candle that is nothing but the pinned price."""
        book = account.book
        if quote.instrument not in book.exposed:
            return
        candle = await self._tape.candles(quote.instrument, account.terms.base_timeframe, until=quote.at, count=1)
        kept, rates = await self._market(account).candles(book, quote.at)
        past = replace(book, watermark=candle.closed_at - timedelta(seconds=1))
        candles = {**nothing(kept), quote.instrument: candle}
        progress = await self._advanced(account, past, candles, rates, candle.closed_at)
        progress = progress._replace(book=replace(progress.book, watermark=book.watermark))
        account.follow(progress, lambda _: quote.at)

    async def _advanced(
        self, account: Account, book: Book, candles: Mapping[str, Candles], rates: Rates, until: datetime
    ) -> Progress:
        instruments, terms = await self.feed.instruments(), self._terms(account).matching
        return advance(book, candles, until=until, instruments=instruments, terms=terms, rates=rates)

    async def _place(self, account: Account, ask: Ask, intent: OrderIntent, now: datetime) -> list[Event]:
        market = await self.market(account, ask.instrument)
        if self._must_rest(account, intent, market):
            words = refusal(account.book, intent, _opened(market))
            if words:
                return self._refuse(account, ask, intent, reason_of(words), now)
            return account.take(ask, intent, _rested(account.book, intent, now), now)
        progress = place(account.book, intent, market, self._terms(account).matching)
        order = progress.orders[intent.client_order_id]
        if order.state is OrderState.REJECTED:
            return self._refuse(account, ask, intent, reason_of(order.reason), now)
        if ask.passive and order.filled_quantity:
            return account.note_stillborn(ask, intent, Reason.WOULD_TAKE, now)
        if ask.whole and order.filled_quantity < ask.quantity:
            reason = reason_of(order.reason) if order.reason else Reason.NO_LIQUIDITY
            return account.note_stillborn(ask, intent, reason, now)
        return account.take(ask, intent, progress, now)

    def _must_rest(self, account: Account, intent: OrderIntent, market: MarketNow) -> bool:
        quote = market.quotes.get(intent.instrument)
        waits = intent.type is not OrderType.MARKET and intent.time_in_force is TimeInForce.GTC
        return account.venue.rests_when_closed and waits and quote is not None and not quote.tradable

    def _refuse(self, account: Account, ask: Ask, intent: OrderIntent, reason: Reason, now: datetime) -> list[Event]:
        if reason in account.venue.rejections:
            return account.note_rejected(ask, intent, reason, now)
        return account.note_stillborn(ask, intent, reason, now)


def _intent(account: Account, ask: Ask, now: datetime) -> OrderIntent:
    return OrderIntent(
        client_order_id=str(account.next_id),
        account=account.name,
        strategy="",
        instrument=ask.instrument,
        candle_close=now,
        side=ask.side,
        type=ask.type,
        quantity=ask.quantity,
        price=ask.price,
        barriers=ask.barriers,
        time_in_force=ask.time_in_force,
        reduce_only=ask.reduce_only,
    )


def _opened(market: MarketNow) -> MarketNow:
    """Return the market as if everything could be traded."""
    return replace(market, quotes={name: replace(quote, tradable=True) for name, quote in market.quotes.items()})


def _rested(book: Book, intent: OrderIntent, now: datetime) -> Progress:
    order = new_order(intent, book.order_count + 1, now)
    book = replace(
        book,
        watermark=now,
        order_count=book.order_count + 1,
        working=(*book.working, WorkingOrder(intent, order)),
    )
    return Progress(book, {intent.client_order_id: order}, {intent.client_order_id: intent}, ())
