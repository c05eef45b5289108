"""Sends orders and cancellations to Aster once each, one after the other, and follows up with reads only."""

import asyncio
from collections.abc import Mapping

from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.errors import CANCEL_REJECTED, NO_SUCH_ORDER, VENUE
from desk.adapters.venues.aster.fills import FillReader
from desk.adapters.venues.aster.lookup import Patience
from desk.adapters.venues.aster.orders import is_final, order_of
from desk.adapters.venues.aster.wire import ORDER, OrderWire
from desk.errors import OrderRefused, OutcomeUnknown, VenueError
from desk.model.orders import Order


class OrderSender:
    """Sends what is to be sent, and tells what came of it."""

    def __init__(self, calls: AsterCalls, fills: FillReader, patience: Patience) -> None:
        self._calls = calls
        self._fills = fills
        self._patience = patience
        # The venue matches in the order in which requests arrive, and two connections do not keep it.
        self._one_at_a_time = asyncio.Lock()

    async def send(self, form: Mapping[str, str], instrument: str, request: str) -> Order:
        """Send an order once, and return it with its fills.

        Raises:
            OrderRefused: a definite no.
            OutcomeUnknown: the order may have arrived.
        """
        async with self._one_at_a_time:
            told = await self._calls.tell("POST", "order", request, ORDER, **form)
        if told.status == "REJECTED":
            raise OrderRefused(VENUE, request, told.status, "the venue rejected the order")
        try:
            settled = await self._settled(told) if _ends_at_once(form) else told
            return order_of(settled, instrument, await self._fills.of_order(settled))
        except VenueError:
            # It was accepted, which is what counts; the rest is read again by `find_order` and `fills_since`.
            return order_of(told, instrument)

    async def cancel(self, order: OrderWire) -> OrderWire:
        """Cancel an order once, and return it as it then is.

        Raises:
            OrderRefused, OutcomeUnknown: it is still working.
        """
        name = f"cancel {order.client_order_id}"
        try:
            async with self._one_at_a_time:
                return await self._calls.tell(
                    "DELETE", "order", name, ORDER, symbol=order.symbol, orderId=order.order_id
                )
        except (OutcomeUnknown, OrderRefused) as error:
            if isinstance(error, OrderRefused) and error.code not in (CANCEL_REJECTED, NO_SUCH_ORDER):
                raise
            # It may have been filled or cancelled in between, perhaps by this very request.
            now = await self._again(order)
            if not is_final(now):
                raise
            return now

    async def _settled(self, order: OrderWire) -> OrderWire:
        """An order that cannot rest, once it has ended: the first answer may come before it was matched."""
        for _ in range(self._patience.looks):
            if is_final(order):
                break
            await self._patience.pause()
            order = await self._again(order)
        return order

    async def _again(self, order: OrderWire) -> OrderWire:
        name = f"order {order.client_order_id}"
        return await self._calls.ask("order", name, ORDER, symbol=order.symbol, orderId=order.order_id)


def _ends_at_once(form: Mapping[str, str]) -> bool:
    return form["type"] == "MARKET" or form.get("timeInForce") == "IOC"
