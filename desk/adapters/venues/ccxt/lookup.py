"""Finds an order by its client order id, and knows when not finding it proves that there is none."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from desk.adapters.venues.ccxt.abilities import CLIENT_ORDER_ID, ended_orders, finds_by_id
from desk.adapters.venues.ccxt.amounts import milliseconds_of
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.errors import VENUE
from desk.adapters.venues.ccxt.orders import Raw
from desk.adapters.venues.recalling import Recall, Sent
from desk.errors import InvalidOrder, VenueUnavailable

PAGE = 100
_MARGIN = timedelta(minutes=5)
# Some exchanges refuse to be asked about more than a week.
_HISTORY = timedelta(days=7) - 2 * _MARGIN


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an order that was accepted may stay invisible; exchanges differ, and none promises anything.

    Attributes:
        pauses: before the second look and each further one.
        sleep: waits for seconds.
    """

    pauses: tuple[timedelta, ...] = tuple(timedelta(milliseconds=one) for one in (300, 700, 1500, 2500))
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Found:
    """An order as ccxt tells it, and the instrument under which it was found."""

    raw: Raw
    instrument: str


class OrderLookup:
    """Looks for orders.

    Args:
        instruments: those that the account trades, asked where it is not remembered which one an order was for.
    """

    def __init__(self, calls: CcxtCalls, instruments: Sequence[str], *, recall: Recall, patience: Patience) -> None:
        self._calls = calls
        self._instruments = tuple(instruments)
        self._recall = recall
        self._patience = patience
        self._sent: dict[str, Sent] = {}
        self._by_id = finds_by_id(calls.exchange)
        self._ended = ended_orders(calls.exchange)

    def remember(self, client_order_id: str, instrument: str) -> None:
        """Note what is about to be sent."""
        self._sent[client_order_id] = Sent(instrument, self._calls.clock.now())

    async def find(self, client_order_id: str, *, until: Callable[[Found], bool] = lambda _: True) -> Found | None:
        """Return the order, once `until` holds of it or as the last look shows it; None where no look did.

        Raises:
            VenueUnavailable: a look failed, or could not see everything.
        """
        found = await self.look(client_order_id)
        for pause in self._patience.pauses:
            if found is not None and until(found):
                return found
            await self._patience.sleep(pause.total_seconds())
            found = await self.look(client_order_id)
        return found

    async def look(self, client_order_id: str) -> Found | None:
        """Return the order as one look finds it; None proves nothing."""
        sent = self._sent.get(client_order_id) or await self._recall(client_order_id)
        for instrument in (sent.instrument,) if sent else self._instruments:
            raw = await self._in(instrument, client_order_id, sent)
            if raw is not None:
                return Found(raw, instrument)
        return None

    async def _in(self, instrument: str, client_order_id: str, sent: Sent | None) -> Raw | None:
        """Among working orders, by id, then among ended ones: one that ends in between is seen by the later look."""
        working = await self._calls.ask("fetch_open_orders", f"open orders in {instrument}", instrument)
        found = _of(client_order_id, working)
        if found is None and self._by_id:
            found = await self._asked(instrument, client_order_id)
        for method in self._ended if found is None else ():
            found = found or await self._listed(method, instrument, client_order_id, sent)
        return found

    async def _asked(self, instrument: str, client_order_id: str) -> Raw | None:
        name, named = f"order {client_order_id}", {CLIENT_ORDER_ID: client_order_id}
        try:
            raw: Raw = await self._calls.ask("fetch_order", name, None, instrument, named)
        except InvalidOrder:
            return None
        return _of(client_order_id, [raw])

    async def _listed(self, method: str, instrument: str, client_order_id: str, sent: Sent | None) -> Raw | None:
        start = (sent.at if sent else self._calls.clock.now() - _HISTORY) - _MARGIN
        name = f"ended orders in {instrument}"
        rows = await self._calls.ask(method, name, instrument, milliseconds_of(start), PAGE)
        found = _of(client_order_id, rows)
        if found is None and len(rows) >= PAGE:
            told = (
                f"expected fewer than {PAGE} orders since {start:%Y-%m-%dT%H:%M:%SZ}, found as many; it may be beyond"
            )
            raise VenueUnavailable(VENUE, name, "TOO_MANY", told)
        return found


def _of(client_order_id: str, orders: Sequence[Raw]) -> Raw | None:
    return next((order for order in orders if order.get(CLIENT_ORDER_ID) == client_order_id), None)
