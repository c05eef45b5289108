"""The trading port of one account at the embedded venue."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from desk.adapters.ledger.database import Database
from desk.adapters.venues.paper.market import PaperMarket
from desk.adapters.venues.paper.store import open_store
from desk.adapters.venues.paper.terms import PaperTerms
from desk.errors import DataError, InvalidOrder, LedgerError, OrderRefused, OutcomeUnknown, VenueUnavailable
from desk.matching.advance import advance
from desk.matching.book import Book, Progress
from desk.matching.place import cancel, place
from desk.matching.valuation import money_of
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent
from desk.ports import Clock, Feed

_ATTEMPTS = 50
_Change: TypeAlias = Callable[[Book, datetime], Awaitable[Progress | None]]


class PaperTrading:
    """Orders of one account, matched against a feed; its books outlive the process.

    Before every answer the books are brought up to the clock's present, by the candles that have closed since. A clock
    that stands before that (a scan of a past candle) reads the books as they are, and may not place orders. While a
    candle of a live market has not arrived, the books stay before it, and nothing is placed or cancelled.
    """

    def __init__(
        self, *, account: str, venue: str, feed: Feed, clock: Clock, database: Database, terms: PaperTerms
    ) -> None:
        self._account = account
        self._venue = venue
        self._clock = clock
        self._terms = terms
        self._market = PaperMarket(feed, terms)
        self._store = open_store(database, venue, account, terms)

    async def account(self) -> AccountState:
        """Return the account's money; `conversion` has every quote currency of the feed that has a rate now.

        Raises:
            DataError: an open position has neither a price nor a last close, or no conversion rate.
        """
        book = await self._present()
        market = await self._market.now(book, self._clock.now())
        return money_of(book, market, self._terms.matching)

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position, by name of instrument."""
        return (await self._present()).positions

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every working order, in the order of placing."""
        return tuple(working.order for working in (await self._present()).working)

    async def submit(self, intent: OrderIntent) -> Order:
        """Match an order once and keep what came of it, in one transaction; a refusal by the rules is REJECTED.

        Raises:
            InvalidOrder: UNKNOWN_INSTRUMENT, WRONG_ACCOUNT, or BEFORE_WATERMARK where the books have been matched
                beyond the clock's present.
            OrderRefused: the feed has no data to match with.
            OutcomeUnknown: DUPLICATE_CLIENT_ORDER_ID, an order of that id exists; or the database failed, perhaps
                after it committed.
        """

        async def placed(book: Book, now: datetime) -> Progress:
            await self._check(intent, book, now)
            advanced = self._complete(await self._advanced(book, now), now)
            market = await self._market.now(advanced.book, now, wanted=frozenset({intent.instrument}))
            return advanced.then(place(advanced.book, intent, market, self._terms.matching))

        request = _request(intent)
        try:
            progress = await self._change(placed)
        except (VenueUnavailable, DataError) as error:
            raise OrderRefused(self._venue, request, "NO_MARKET_DATA", str(error)) from error
        except LedgerError as error:
            raise OutcomeUnknown(self._venue, request, "DATABASE", str(error)) from error
        return progress.orders[intent.client_order_id]

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order as it is now, or None where there never was one of that id."""
        await self._present()
        return await self._store.order(client_order_id)

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged.

        Raises:
            InvalidOrder: UNKNOWN_ORDER.
        """

        async def cancelled(book: Book, now: datetime) -> Progress:
            advanced = self._complete(await self._advanced(book, now), now)
            return advanced.then(cancel(advanced.book, client_order_id, advanced.book.watermark))

        await self._change(cancelled)
        order = await self._store.order(client_order_id)
        if order is None:
            raise InvalidOrder(self._venue, f"cancel {client_order_id}", "UNKNOWN_ORDER", "there is no such order")
        return order

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor; an empty cursor asks from the beginning.

        Raises:
            InvalidOrder: BAD_CURSOR, the cursor is not one that this method gave.
        """
        if cursor and not cursor.isdecimal():
            raise InvalidOrder(self._venue, f"fills since {cursor!r}", "BAD_CURSOR", "expected a number or nothing")
        await self._present()
        fills, last = await self._store.fills_after(int(cursor or 0))
        return fills, str(last) if fills else cursor

    async def _present(self) -> Book:
        """Bring the books up to now, if a candle has closed that can change them, and return them."""

        async def brought_up(book: Book, now: datetime) -> Progress | None:
            due = book.exposed and self._terms.base_timeframe.floor(now) > book.watermark
            advanced = await self._advanced(book, now) if due else None
            return advanced if advanced is not None and advanced.book.watermark > book.watermark else None

        return (await self._change(brought_up)).book

    async def _change(self, act: _Change) -> Progress:
        """Apply a change to the books as they are kept, again where another process was faster.

        The market is read outside the transaction, so that a slow feed does not keep other writers waiting.
        """
        for _ in range(_ATTEMPTS):
            kept = await self._store.load()
            progress = await act(kept.book, self._clock.now())
            if progress is None:
                return Progress(kept.book, {}, {}, ())
            if await self._store.save(kept.version, progress):
                return progress
        raise VenueUnavailable(
            self._venue, f"books of {self._account}", "BUSY", f"changed by others {_ATTEMPTS} times in a row; try again"
        )

    async def _advanced(self, book: Book, now: datetime) -> Progress:
        if now <= book.watermark:
            return Progress(book, {}, {}, ())
        candles, rates = await self._market.candles(book, now)
        until = await self._market.complete_until(book, candles, now, read_at=self._clock.now())
        if self._terms.longest_lag is not None and now - until > self._terms.longest_lag:
            raise self._late(until, now)
        instruments = await self._market.instruments()
        return advance(book, candles, until=until, instruments=instruments, terms=self._terms.matching, rates=rates)

    def _complete(self, advanced: Progress, now: datetime) -> Progress:
        """Return what was brought up to the present, and nothing less: a candle that comes later belongs before."""
        if advanced.book.watermark < now:
            raise self._late(advanced.book.watermark, now)
        return advanced

    def _late(self, until: datetime, now: datetime) -> VenueUnavailable:
        told = (
            f"expected every candle that closed by {now.isoformat()}, found them until {until.isoformat()}; try again"
        )
        return VenueUnavailable(self._venue, f"candles for {self._account}", "LATE", told)

    async def _check(self, intent: OrderIntent, book: Book, now: datetime) -> None:
        if intent.account != self._account:
            raise self._invalid(intent, "WRONG_ACCOUNT", f"expected account {self._account}, found {intent.account}")
        if intent.instrument not in await self._market.instruments():
            raise self._invalid(intent, "UNKNOWN_INSTRUMENT", f"the feed has no {intent.instrument}")
        if await self._store.order(intent.client_order_id) is not None:
            told = "this client order id was used before, so an order of it may be alive"
            raise OutcomeUnknown(self._venue, _request(intent), "DUPLICATE_CLIENT_ORDER_ID", told)
        if now < book.watermark:
            told = f"the books were matched until {book.watermark.isoformat()}, the order is of {now.isoformat()}"
            raise self._invalid(intent, "BEFORE_WATERMARK", f"{told}; use an account whose books are not ahead")

    def _invalid(self, intent: OrderIntent, code: str, message: str) -> InvalidOrder:
        return InvalidOrder(self._venue, _request(intent), code, message)


def _request(intent: OrderIntent) -> str:
    return f"order {intent.client_order_id} ({intent.side} {intent.quantity} {intent.instrument})"
