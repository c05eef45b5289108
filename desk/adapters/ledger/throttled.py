"""The log of orders as one account sees it: no order is sent that would be one too many by the account's limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.adapters.ledger.orders import Orders
from desk.execution.breaker import BreakerLimits
from desk.model.orders import Order, OrderIntent, OrderState
from desk.ports import Lease


@dataclass(frozen=True, slots=True)
class ThrottledLog:
    """`desk.ports.OrderLog` over the ledger, with the limits of an account."""

    orders: Orders
    limits: BreakerLimits

    async def store_intents(self, intents: Sequence[OrderIntent], *, lease: Lease | None = None) -> Mapping[str, Order]:
        """Commit intents as PLANNED."""
        return await self.orders.store_intents(intents, lease=lease)

    async def start_sending(self, client_order_id: str, lease: Lease) -> bool:
        """Commit PLANNED → SENDING if the lease, the trading state and the limits let the order pass."""
        return await self.orders.start_sending(client_order_id, lease, limits=self.limits)

    async def record_order(self, account: str, order: Order, *, detail: str = "") -> None:
        """Commit what the venue said of an order."""
        await self.orders.record_order(account, order, detail=detail)

    async def record_outcome(
        self, client_order_id: str, state: OrderState, *, detail: str, lease: Lease | None = None
    ) -> None:
        """Commit a change of state that came without an order from the venue."""
        await self.orders.record_outcome(client_order_id, state, detail=detail, lease=lease)
