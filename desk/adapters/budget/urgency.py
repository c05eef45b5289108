"""Which calls may use the reserve of the budget: those that cancel, close, or find out what became of an order."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from decimal import Decimal

from desk.adapters.venue_http.fence import fenced
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent
from desk.ports import StopSetting, Trading

_URGENT: ContextVar[bool] = ContextVar("urgent", default=False)


@contextmanager
def urgent() -> Iterator[None]:
    """Let every call that is made inside use the reserve."""
    before = _URGENT.set(True)
    try:
        yield
    finally:
        _URGENT.reset(before)


def is_urgent() -> bool:
    """Return whether the running task is inside `urgent`."""
    return _URGENT.get()


class PrioritisedTrading:
    """A trading port whose cancels, closing orders and lookups still get through when the budget is nearly empty.

    All the calls that such a step is made of are urgent: a cancel is of no use when the look for its order is refused.
    """

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    async def account(self) -> AccountState:
        """Return the account's money."""
        return await self._trading.account()

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position."""
        return await self._trading.positions()

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that is still working."""
        return await self._trading.open_orders()

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once, with the right to; urgent where it can only reduce a position."""
        with fenced(intent), urgent() if intent.reduce_only else nullcontext():
            return await self._trading.submit(intent)

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order; urgent."""
        with urgent():
            return await self._trading.find_order(client_order_id)

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel an order; urgent."""
        with urgent():
            return await self._trading.cancel(client_order_id)

    async def set_stop(self, instrument: str, price: Decimal) -> None:
        """Set the stop of a position, at a venue where it hangs on it; urgent."""
        if not isinstance(self._trading, StopSetting):
            raise LookupError(f"{instrument}: the stop of a position does not hang on it at this venue")
        with urgent():
            await self._trading.set_stop(instrument, price)

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, and the next cursor."""
        return await self._trading.fills_since(cursor)
