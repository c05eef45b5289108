"""Orders at KuCoin: sent once, looked for until the venue shows them, cancelled until they are final.

What differs between spot and futures is behind `OrderDesk` and `Wallet`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.adapters.venues.kucoin.capabilities import KucoinCapabilities
from desk.adapters.venues.kucoin.errors import VENUE, UnknownOrder
from desk.adapters.venues.kucoin.fills import fills_after
from desk.adapters.venues.kucoin.patience import Patience
from desk.errors import InvalidOrder, OutcomeUnknown, VenueError
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent, OrderState, OrderType, TimeInForce
from desk.ports import Clock


class OrderDesk(Protocol):
    """What one of the two markets can be asked and told about orders."""

    async def send(self, intent: OrderIntent) -> Order:
        """Send an order once and return it as accepted."""
        ...

    async def check(self, intent: OrderIntent) -> None:
        """Let the venue judge an order without placing it."""
        ...

    async def cancel(self, order: Order) -> None:
        """Ask for a cancellation; the answer says only that the venue has heard."""
        ...

    async def look(self, client_order_id: str) -> Order | None:
        """Return the order with its fills by its client order id, None where the venue shows none now."""
        ...

    async def listed(self, client_order_id: str) -> Order | None:
        """Return the order from the lists of open and of recently finished ones, None where none has it."""
        ...

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every working order."""
        ...

    async def fills(self, start: datetime, end: datetime) -> tuple[Fill, ...]:
        """Return the fills of a stretch of time, in any order."""
        ...


class Wallet(Protocol):
    """The money of one of the two markets."""

    async def account(self) -> AccountState:
        """Return the account's money."""
        ...

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position."""
        ...


class KucoinTrading:
    """Implements `desk.ports.Trading` for one of the two markets.

    Attributes:
        capabilities: what an order can be here.
    """

    def __init__(
        self, orders: OrderDesk, wallet: Wallet, capabilities: KucoinCapabilities, *, clock: Clock, patience: Patience
    ) -> None:
        self.capabilities = capabilities
        self._orders = orders
        self._wallet = wallet
        self._clock = clock
        self._patience = patience

    async def account(self) -> AccountState:
        """Return the account's money."""
        return await self._wallet.account()

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position; an empty answer means flat, a failure raises."""
        return await self._wallet.positions()

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that is still working."""
        return await self._orders.open_orders()

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once and return it as it is once the venue shows what became of it; see `desk.ports.Trading`.

        An order that was taken is never an error: where the venue does not show it soon, it is returned as accepted.
        """
        self._check(intent)
        accepted = await self._orders.send(intent)
        may_rest = intent.type is not OrderType.MARKET and intent.time_in_force is TimeInForce.GTC
        return await self._followed(accepted, may_rest=may_rest or intent.type is OrderType.STOP)

    async def check_order(self, intent: OrderIntent) -> None:
        """Let the venue judge an order by all its rules, without placing it.

        Raises:
            OrderRefused: what `submit` would raise.
        """
        self._check(intent)
        await self._orders.check(intent)

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, or None where the venue definitely never accepted one of that id.

        Asks by the id until the venue's lag is over, then looks through the lists of open and finished orders, of which
        the venue keeps seven days.

        Raises:
            VenueUnavailable: no definite answer; ask again.
        """
        seen = await self._patience.until(_is_seen, lambda: self._orders.look(client_order_id))
        return seen or await self._orders.listed(client_order_id)

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged.

        The venue cancels some time after it has answered, so the order is looked at until it is final.

        Raises:
            InvalidOrder: UNKNOWN_ORDER.
            OutcomeUnknown: neither an answer nor an end of the order was seen; cancelling again does no harm.
        """
        order = await self.find_order(client_order_id)
        if order is None:
            told = f"the venue has no order {client_order_id}"
            raise InvalidOrder(VENUE, f"cancel {client_order_id}", "UNKNOWN_ORDER", told)
        if order.state.is_final:
            return order
        lost = await self._ask_to_cancel(order)
        seen = await self._patience.until(_is_final, lambda: self._orders.look(client_order_id))
        if seen is None:
            raise OutcomeUnknown(VENUE, f"cancel {client_order_id}", "", "the venue does not show the order any more")
        if lost is not None and not seen.state.is_final:
            raise lost
        return seen

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor; an empty one asks for the last seven days.

        Raises:
            InvalidOrder: BAD_CURSOR, the cursor is not one that this method gave.
        """
        return await fills_after(cursor, self._clock.now(), self._orders.fills)

    async def _followed(self, accepted: Order, *, may_rest: bool) -> Order:
        """Look at an order that was taken until it shows its end with all its fills, or where it may, its rest."""
        try:
            seen = await self._patience.until(
                lambda order: _is_settled(order, may_rest=may_rest), lambda: self._orders.look(accepted.client_order_id)
            )
        except VenueError:
            return accepted  # a failed look says nothing about an order that the venue has
        return seen or accepted

    async def _ask_to_cancel(self, order: Order) -> OutcomeUnknown | None:
        try:
            await self._orders.cancel(order)
        except UnknownOrder:
            return None  # its end and our wish crossed on the wire: the look that follows shows which end
        except OutcomeUnknown as error:
            return error
        return None

    def _check(self, intent: OrderIntent) -> None:
        if not self.capabilities.accepts_id(intent.client_order_id):
            told = "expected 1 to 40 letters, digits, '_' and '-'"
            raise _invalid(intent, "BAD_CLIENT_ORDER_ID", told)
        if intent.type not in self.capabilities.order_types:
            raise _invalid(intent, "UNSUPPORTED_TYPE", f"orders of type {intent.type} are not sent to this market")
        if (intent.price is None) is not (intent.type is OrderType.MARKET):
            raise _invalid(intent, "BAD_PRICE", f"found {intent.price} as the price of a {intent.type} order")


def _invalid(intent: OrderIntent, code: str, message: str) -> InvalidOrder:
    return InvalidOrder(VENUE, request_name(intent), code, message)


def request_name(intent: OrderIntent) -> str:
    """Return what messages call the sending of an order."""
    return f"order {intent.client_order_id} ({intent.side} {intent.quantity} {intent.instrument})"


def accepted_order(intent: OrderIntent, venue_order_id: str, quantity: Decimal, at: datetime) -> Order:
    """Return an order of which only its acceptance is known."""
    return Order(
        client_order_id=intent.client_order_id,
        venue_order_id=venue_order_id,
        instrument=intent.instrument,
        side=intent.side,
        type=intent.type,
        quantity=quantity,
        filled_quantity=Decimal(0),
        state=OrderState.ACKED,
        at=at,
        price=intent.price,
        reduce_only=intent.reduce_only,
    )


def _is_seen(order: Order | None) -> bool:
    return order is not None


def _is_final(order: Order | None) -> bool:
    return order is not None and order.state.is_final


def _is_settled(order: Order | None, *, may_rest: bool) -> bool:
    if order is None or not (order.state.is_final or may_rest):
        return False
    return sum((fill.quantity for fill in order.fills), Decimal(0)) == order.filled_quantity
