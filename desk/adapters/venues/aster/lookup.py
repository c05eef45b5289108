"""Finds an order by its client order id, and knows when not finding it proves that there is none.

The venue tells of an order by symbol only. Which one is known for what this process sent, and from whoever was asked to
remember; otherwise every symbol is asked that the account trades, holds, or has an order in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.capabilities import CAPABILITIES
from desk.adapters.venues.aster.errors import NO_SUCH_ORDER, VENUE
from desk.adapters.venues.aster.names import symbol_of
from desk.adapters.venues.aster.wire import ORDER, ORDERS, POSITIONS, OrderWire
from desk.adapters.venues.recalling import Recall, Sent
from desk.errors import InvalidOrder, VenueUnavailable

_MARGIN = timedelta(hours=1)
_HISTORY_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an order that was accepted may stay invisible.

    Attributes:
        looks: how often is looked before absence is believed.
        lag: over how long the looks are spread.
    """

    looks: int = 3
    lag: timedelta = timedelta(seconds=2)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def pause(self) -> None:
        """Wait from one look to the next."""
        await self.sleep(self.lag.total_seconds() / max(1, self.looks - 1))


class OrderLookup:
    """Looks for orders.

    Args:
        symbols: those that the account trades; the set may grow while this object lives.
    """

    def __init__(self, calls: AsterCalls, symbols: set[str], *, recall: Recall, patience: Patience) -> None:
        self._calls = calls
        self._symbols = symbols
        self._recall = recall
        self._patience = patience
        self._sent: dict[str, Sent] = {}

    def remember(self, client_order_id: str, instrument: str) -> None:
        """Note what is about to be sent."""
        self._sent[client_order_id] = Sent(instrument, self._calls.skew.now())

    async def find(self, client_order_id: str) -> OrderWire | None:
        """Return the order, or None where several looks, spread over the venue's lag, prove that there is none.

        Raises:
            VenueUnavailable: a look failed; TOO_OLD, the venue forgets orders of that age that ended without a fill;
                NO_INSTRUMENT, there is no symbol to ask about.
        """
        sent = await self._memory(client_order_id)
        for look in range(self._patience.looks):
            if look:
                await self._patience.pause()
            found = await self._look(client_order_id, sent)
            if found is not None:
                return found
        if sent is not None and self._calls.skew.now() - sent.at > CAPABILITIES.unfilled_orders_kept - _MARGIN:
            told = f"it was sent at {sent.at.isoformat()}, and may have ended without a fill; look into its history"
            raise VenueUnavailable(VENUE, f"order {client_order_id}", "TOO_OLD", told)
        return None

    async def find_now(self, client_order_id: str) -> OrderWire | None:
        """Return the order as one look finds it; None proves nothing."""
        return await self._look(client_order_id, await self._memory(client_order_id))

    async def _memory(self, client_order_id: str) -> Sent | None:
        return self._sent.get(client_order_id) or await self._recall(client_order_id)

    async def _look(self, client_order_id: str, sent: Sent | None) -> OrderWire | None:
        """Among open orders, then by id, then in history, where a fill keeps an order for ever."""
        symbol = symbol_of(sent.instrument) if sent else None
        working = await self._calls.ask("openOrders", "open orders", ORDERS, **({"symbol": symbol} if symbol else {}))
        found = _of(client_order_id, working)
        if found is not None:
            return found
        symbols = [symbol] if symbol else await self._candidates(client_order_id, working)
        for one in symbols:
            found = await self._by_id(client_order_id, one) or await self._in_history(client_order_id, one)
            if found is not None:
                return found
        return None

    async def _candidates(self, client_order_id: str, working: Iterable[OrderWire]) -> list[str]:
        positions = await self._calls.ask("positionRisk", "positions", POSITIONS)
        held = {position.symbol for position in positions if position.quantity}
        symbols = self._symbols | held | {order.symbol for order in working}
        if not symbols:
            told = "expected at least one instrument that this account trades; configure its instruments"
            raise VenueUnavailable(VENUE, f"order {client_order_id}", "NO_INSTRUMENT", told)
        return sorted(symbols)

    async def _by_id(self, client_order_id: str, symbol: str) -> OrderWire | None:
        name = f"order {client_order_id}"
        try:
            order = await self._calls.ask("order", name, ORDER, symbol=symbol, origClientOrderId=client_order_id)
        except InvalidOrder as error:
            if error.code != NO_SUCH_ORDER:
                raise
            return None
        return _of(client_order_id, [order])

    async def _in_history(self, client_order_id: str, symbol: str) -> OrderWire | None:
        """Among the newest orders of the symbol, of the last week at most."""
        past = await self._calls.ask("allOrders", "past orders", ORDERS, symbol=symbol, limit=_HISTORY_PAGE)
        return _of(client_order_id, past)


def _of(client_order_id: str, orders: Iterable[OrderWire]) -> OrderWire | None:
    """The newest order of that id."""
    found = [order for order in orders if order.client_order_id == client_order_id]
    return max(found, key=lambda order: order.order_id, default=None)
