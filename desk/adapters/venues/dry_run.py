"""The trading port of an account that decides and places nothing."""

from decimal import Decimal

from desk.errors import VenueUnavailable
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.ports import Clock

_REASON = "dry run: nothing is sent"


class DryRunTrading:
    """Always flat, always at its starting cash; every order is cancelled at once."""

    def __init__(self, *, currency: str, starting_cash: Decimal, clock: Clock) -> None:
        self._currency = currency
        self._cash = starting_cash
        self._clock = clock

    async def account(self) -> AccountState:
        """Return the starting cash."""
        return AccountState(self._currency, self._cash, self._cash, self._clock.now(), margin_used=Decimal(0))

    async def positions(self) -> tuple[Position, ...]:
        """Return nothing: a dry run holds nothing."""
        return ()

    async def open_orders(self) -> tuple[Order, ...]:
        """Return nothing: nothing was sent."""
        return ()

    async def submit(self, intent: OrderIntent) -> Order:
        """Return the order as cancelled."""
        return Order(
            client_order_id=intent.client_order_id,
            venue_order_id="",
            instrument=intent.instrument,
            side=intent.side,
            type=intent.type,
            quantity=intent.quantity,
            filled_quantity=Decimal(0),
            state=OrderState.CANCELLED,
            at=self._clock.now(),
            price=intent.price,
            reason=_REASON,
            reduce_only=intent.reduce_only,
        )

    async def find_order(self, client_order_id: str) -> Order | None:
        """Refuse to say: an order without an outcome was sent when the account was no dry run, and may live.

        Raises:
            VenueUnavailable: always.
        """
        told = "a dry run asks no venue; find out what became of the order before the account changes its mode"
        raise VenueUnavailable("dry run", f"order {client_order_id}", "NOT_ASKED", told)

    async def cancel(self, client_order_id: str) -> Order:
        """Refuse: there is nothing to cancel."""
        raise LookupError(f"a dry run has no order {client_order_id}")

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return no fills."""
        return (), cursor
