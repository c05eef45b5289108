"""Asks a venue one question of each kind, so that what does not work is known before an account depends on it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.accounts import AccountSpec
from desk.adapters.venues.reached import Reached
from desk.errors import DeskError, VenueUnavailable
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType
from desk.model.timeframe import Timeframe

MOST_SKEW = timedelta(seconds=2)
"""What the venues accept differs; none accepts five seconds, and a clock that is two off is not looked after."""
_CANDLES = 10


class Result(StrEnum):
    """What came of a question."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question and what came of it."""

    question: str
    result: Result
    detail: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What is asked, and as whom.

    Attributes:
        account: one that the connection is for; without any, only the market is asked.
    """

    reached: Reached
    account: AccountSpec | None
    now: datetime

    async def answers(self) -> tuple[Answer, ...]:
        """Ask everything, one after the other; a question that fails does not keep the others from being asked."""
        return tuple([await _answer(question, ask) for question, ask in self._questions()])

    def _questions(self) -> Iterator[tuple[str, Callable[[], Awaitable[str | None]]]]:
        yield "instruments", self._instruments
        yield "candles", self._candles
        yield "quote", self._quote
        yield "clock", self._clock
        yield "key", self.reached.rights
        yield "account", self._money
        yield "positions", self._positions
        yield "open orders", self._open_orders
        yield "fills", self._fills
        yield "order on trial", self._order

    async def _instruments(self) -> str:
        known = await self.reached.market.instruments()
        missing = [name for name in self.account.instruments if name not in known] if self.account else []
        if missing:
            raise DeskError(f"expected {', '.join(missing)} among {len(known)} instruments, found none of them")
        return f"{len(known)} instruments"

    async def _candles(self) -> str:
        name = await self._instrument()
        candles = await self.reached.market.candles(name, Timeframe.M1, until=self.now, count=_CANDLES)
        if len(candles) == 0:
            raise DeskError(f"expected the newest candles of {name}, found none")
        return f"{len(candles)} of {name}, the last closed at {candles.closed_at:%Y-%m-%d %H:%M} UTC"

    async def _quote(self) -> str:
        name = await self._instrument()
        quotes = await self.reached.market.quotes([name], at=self.now)
        if name not in quotes:
            raise DeskError(f"expected a quote of {name}, found none")
        quote = quotes[name]
        return f"{name} {quote.bid} / {quote.ask}{'' if quote.tradable else ', closed now'}"

    async def _clock(self) -> str | None:
        return await compare_clocks(self.reached)

    async def _money(self) -> str | None:
        if self.account is None:
            return None
        money = await self.reached.trading(self.account).account()
        return f"equity {money.equity} {money.currency}, cash {money.cash}"

    async def _positions(self) -> str | None:
        held = None if self.account is None else await self.reached.trading(self.account).positions()
        return None if held is None else f"{len(held)} open"

    async def _open_orders(self) -> str | None:
        orders = None if self.account is None else await self.reached.trading(self.account).open_orders()
        return None if orders is None else f"{len(orders)} working"

    async def _fills(self) -> str | None:
        if self.account is None:
            return None
        fills, _ = await self.reached.trading(self.account).fills_since("")
        return f"{len(fills)} so far"

    async def _order(self) -> str | None:
        """Judge the smallest order far from the market: nothing is placed."""
        if self.account is None:
            return None
        intent = await self._smallest_order(self.account)
        return await self.reached.try_out(self.account, intent)

    async def _smallest_order(self, account: AccountSpec) -> OrderIntent:
        name = await self._instrument()
        instrument = (await self.reached.market.instruments())[name]
        quote = (await self.reached.market.quotes([name], at=self.now)).get(name)
        if quote is None:
            raise VenueUnavailable(account.venue, "order on trial", "NO_QUOTE", f"there is no quote of {name}")
        price = instrument.round_price(quote.bid / 2)
        least = max(instrument.minimum_quantity, instrument.minimum_notional / price)
        return OrderIntent(
            client_order_id="desk-check",
            account=account.name,
            strategy="check",
            instrument=name,
            candle_close=self.now,
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=instrument.round_quantity(least + instrument.lot),
            price=price,
        )

    async def _instrument(self) -> str:
        """Return the first that the account trades; where it has no list, one that is quoted in its currency."""
        if self.account is not None and self.account.instruments:
            return self.account.instruments[0]
        known = await self.reached.market.instruments()
        own = [name for name, one in known.items() if self.account and one.quote == self.account.currency]
        return min(own or known)


async def compare_clocks(reached: Reached) -> str | None:
    """Return how far the venue's clock is from ours, in words; None where requests carry no time.

    Raises:
        DeskError: too far, or the venue does not answer.
    """
    skew = await reached.skew()
    if skew is None:
        return None
    told = f"the venue's clock is {abs(skew).total_seconds():.3f} s {'ahead' if skew > timedelta(0) else 'behind'}"
    if abs(skew) > MOST_SKEW:
        raise DeskError(f"expected at most {MOST_SKEW.seconds} s between the clocks, found that {told}; set yours")
    return told


async def _answer(question: str, ask: Callable[[], Awaitable[str | None]]) -> Answer:
    try:
        told = await ask()
    except DeskError as error:
        return Answer(question, Result.FAILED, str(error))
    return Answer(question, Result.OK if told is not None else Result.SKIPPED, told or _NOT_ASKED[question])


_NOT_ASKED = dict.fromkeys(
    ("account", "positions", "open orders", "fills"), "no account of the fleet names this connection"
) | {
    "clock": "requests to this venue carry no time",
    "key": "the venue does not tell what a key may do",
    "order on trial": "the venue has no such call, or no account of the fleet names this connection",
}
