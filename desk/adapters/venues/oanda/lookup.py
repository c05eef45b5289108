"""Finds an order by its client id, or finds out that OANDA never accepted one of it.

A client id names one order among the pending ones only, and OANDA does not say which order of the past it means. So
the list of orders is read first, with its whole past as far as it can matter, then the id is asked for by itself, then
the account's own record is searched. Only where all three have nothing, several times over the venue's read-after-write
lag, was there never one.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.capabilities import CAPABILITIES
from desk.adapters.venues.oanda.errors import VENUE
from desk.adapters.venues.oanda.names import client_id, order_path
from desk.adapters.venues.oanda.poll import AccountPoll, Sleep
from desk.adapters.venues.oanda.reading import (
    asked_by_order,
    asked_by_transaction,
    order_of,
)
from desk.adapters.venues.oanda.reasons import ABSENT_ORDER
from desk.adapters.venues.oanda.transactions import FIRST, OandaTransactions
from desk.adapters.venues.oanda.wire.orders import OrderReply, OrdersReply, WireOrder
from desk.adapters.venues.oanda.wire.transactions import TransactionReply, WireTransaction
from desk.errors import InvalidOrder, VenueUnavailable
from desk.model.orders import Order
from desk.ports import Clock

_LONGEST_LIST = 500
_RECENT = 1_000
"""How many of the newest transactions are searched for an order of which nothing else is remembered."""

_LOOKS = 3
_STALE = "STALE"


class OrderLookup:
    """Looks for orders of one account.

    Args:
        lag: how long the venue may not know what it has just accepted; between two looks passes as much.
        lookback: how old an order may be that is asked for.
    """

    def __init__(
        self,
        api: OandaApi,
        transactions: OandaTransactions,
        poll: AccountPoll,
        clock: Clock,
        *,
        lag: timedelta = CAPABILITIES.read_after_write,
        lookback: timedelta = timedelta(days=7),
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api = api
        self._transactions = transactions
        self._poll = poll
        self._clock = clock
        self._lag = lag
        self._lookback = lookback
        self._sleep = sleep

    async def find(self, client_order_id: str, *, after: int | None = None) -> Order | None:
        """Return the order, or None where there definitely never was one.

        Args:
            after: a transaction from before the order was sent, where one is remembered.

        Raises:
            VenueUnavailable: no definite answer.
        """
        for _ in range(_LOOKS - 1):
            found = await self._look_early(client_order_id, after)
            if found is not None:
                return found
            await self.wait()
        return await self._look(client_order_id, after)

    async def wait(self) -> None:
        """Let the venue's read-after-write lag pass."""
        await self._sleep(self._lag.total_seconds())

    async def told(self, order: WireOrder) -> Order:
        """Return a listed order with its fill or its end, as the transactions tell them."""
        currency = await self._poll.currency()
        filling, cancelling = order.filling_transaction_id, order.cancelling_transaction_id
        if order.state == "FILLED" and filling is None:
            raise VenueUnavailable(VENUE, f"order {order.id}", "INCOMPLETE", "filled, and its fill is not named")
        fill = None if filling is None else await self._transaction(filling)
        cancel = None if cancelling is None else await self._transaction(cancelling)
        return order_of(asked_by_order(order), [fill] if fill else [], cancel, currency=currency)

    async def by_path(self, path: str) -> WireOrder | None:
        """Return the order that a path names, or None where OANDA has none, or not yet."""
        try:
            return (await self._api.read(OrderReply, f"/orders/{path}", f"order {path}")).order
        except InvalidOrder as error:
            if error.code in ABSENT_ORDER:
                return None
            raise

    async def _look_early(self, client_order_id: str, after: int | None) -> Order | None:
        """Look, and see nothing where OANDA does not show yet what it says that there is."""
        try:
            return await self._look(client_order_id, after)
        except VenueUnavailable as error:
            if error.code != _STALE:
                raise
            return None

    async def _look(self, client_order_id: str, after: int | None) -> Order | None:
        listed = await self._in_list(client_order_id) or await self.by_path(order_path(client_order_id))
        if listed is not None and listed.is_standalone:
            return await self.told(listed)
        return await self._in_transactions(client_order_id, after)

    async def _in_list(self, client_order_id: str) -> WireOrder | None:
        oldest, query = self._clock.now() - self._lookback, dict[str, str | int]()
        while True:
            name = f"orders, for {client_order_id}"
            page = await self._api.read(OrdersReply, "/orders", name, state="ALL", count=_LONGEST_LIST, **query)
            found = _most_alive(order for order in page.orders if _is(order, client_order_id))
            if found is not None or len(page.orders) < _LONGEST_LIST or page.orders[-1].create_time < oldest:
                return found
            query = {"beforeID": min((order.id for order in page.orders), key=int)}

    async def _in_transactions(self, client_order_id: str, after: int | None) -> Order | None:
        start = max(FIRST, self._api.last_seen - _RECENT) if after is None else after
        found, _ = await self._transactions.read_since(start)
        creates = [one for one in found if one.creates_order and _created(one) == client_order_id]
        currency = await self._poll.currency() if creates else ""
        orders = [_concluded(one, found, currency) for one in creates]
        return max(orders, key=lambda order: (not order.state.is_final, order.filled_quantity), default=None)

    async def _transaction(self, number: int) -> WireTransaction:
        name = f"transaction {number}"
        try:
            return (await self._api.read(TransactionReply, f"/transactions/{number}", name)).transaction
        except InvalidOrder as error:
            raise VenueUnavailable(
                VENUE, name, error.code, "an order tells of it, and it cannot be read yet"
            ) from error


def _is(order: WireOrder, client_order_id: str) -> bool:
    return order.is_standalone and client_id(order.client_extensions.id, order.id) == client_order_id


def _created(create: WireTransaction) -> str:
    return client_id(create.client_extensions.id, str(create.id))


def _most_alive(orders: Iterable[WireOrder]) -> WireOrder | None:
    """Of several orders of one id, the one that matters: working before filled before cancelled, then the newest."""
    return max(orders, key=lambda one: (one.state == "PENDING", one.state == "FILLED", int(one.id)), default=None)


def _concluded(create: WireTransaction, transactions: Sequence[WireTransaction], currency: str) -> Order:
    mine = [one for one in transactions if one.order_id == str(create.id)]
    cancel = next((one for one in mine if one.type == "ORDER_CANCEL"), None)
    return order_of(asked_by_transaction(create), (one for one in mine if one.is_fill), cancel, currency=currency)
