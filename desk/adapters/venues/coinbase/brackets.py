"""Takes away the stop and target that the venue holds for a position, so that the position can be sold.

A bracket keeps back what it would sell: while it works, any other sale of the same units is refused for lack of funds.
Only brackets are taken away that the venue attached to an order of the desk.
"""

from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.errors import cancel_error
from desk.adapters.venues.coinbase.history import OrderHistory
from desk.adapters.venues.coinbase.names import VENUE, product_id
from desk.adapters.venues.coinbase.reading import Writer, write
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.adapters.venues.coinbase.wire.orders import CancelReply, VenueOrder
from desk.errors import OrderRefused
from desk.model.instrument import Side
from desk.model.orders import OrderIntent


class Brackets:
    """The attached exits of an account's positions."""

    def __init__(self, history: OrderHistory, writer: Writer, terms: CoinbaseTerms, looks: Looks) -> None:
        self._history = history
        self._writer = writer
        self._terms = terms
        self._looks = looks

    async def make_way(self, intent: OrderIntent) -> None:
        """Cancel the brackets of the position that an order closes, and wait until they are gone.

        Raises:
            OrderRefused: one still works, so that the order was not sent.
        """
        if not (self._terms.attach_brackets and intent.reduce_only and intent.side is Side.SELL):
            return
        brackets = [
            wire.order_id for wire in await self._history.open_orders() if await self._is_in_the_way(wire, intent)
        ]
        if not brackets:
            return
        reply = await write(self._writer, requests.cancel(brackets), CancelReply)
        refused = [result for result in reply.results if not result.success]
        if not await self._are_gone(brackets):
            word = refused[0].failure_reason if refused else "STILL_WORKING"
            raise self._in_the_way(intent, word)

    async def _is_in_the_way(self, wire: VenueOrder, intent: OrderIntent) -> bool:
        if not (wire.is_bracket and wire.originating_order_id and wire.product_id == product_id(intent.instrument)):
            return False
        parent = await self._history.by_id(wire.originating_order_id)
        return parent is not None and parent.client_order_id.startswith(self._terms.own_prefix)

    async def _are_gone(self, order_ids: list[str]) -> bool:
        for pause in self._looks.pauses:
            orders = [await self._history.by_id(name) for name in order_ids]
            if all(order is None or order.state.is_final for order in orders):
                return True
            await self._looks.wait(pause)
        return False

    def _in_the_way(self, intent: OrderIntent, word: str) -> OrderRefused:
        message = "stop and target of the position could not be cancelled, the order was not sent; try again"
        return OrderRefused(VENUE, f"order {intent.client_order_id}", word, message)


async def request_cancel(writer: Writer, order_id: str) -> None:
    """Ask for the cancellation of an order; accepted means that it will be tried.

    Raises:
        OutcomeUnknown: it may have been accepted.
        OrderRefused: the venue did not accept it.
    """
    request = requests.cancel([order_id])
    reply = await write(writer, request, CancelReply)
    result = next((one for one in reply.results if one.order_id in ("", order_id)), None)
    if result is None or not result.success:
        raise cancel_error(result.failure_reason if result else "", request.name)
