"""Gives a position back the stop and target that made way for an order which closed nothing."""

import logging
from collections.abc import Iterable
from decimal import Decimal

from desk.adapters.budget.urgency import urgent
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.history import OrderHistory
from desk.adapters.venues.coinbase.reading import Writer, write
from desk.adapters.venues.coinbase.wire.orders import CreateReply, VenueOrder
from desk.errors import VenueError

_LOG = logging.getLogger("scandesk.coinbase")
_OF_THE_OTHER = 8
"""How many characters of the venue's id: what is left of the longest id that it takes."""


class Restorer:
    """Sends stops and brackets anew, over what they had not sold; urgent, whatever the order that they made way for.

    The id of each begins with that of the order that it made way for, as those of stops and targets do, and ends with
    the venue's of the one in whose place it comes, so that saying it again gives no position two.
    """

    def __init__(self, history: OrderHistory, writer: Writer) -> None:
        self._history = history
        self._writer = writer

    async def restore(self, taken: Iterable[VenueOrder], closing: str) -> bool:
        """Return whether everything that was taken away rests at the venue again, or has sold what it was for.

        Args:
            taken: by us, for an order that closes.
            closing: the client order id of that one.
        """
        with urgent():
            return all([await self._is_back(wire, closing) for wire in taken])

    async def _is_back(self, wire: VenueOrder, closing: str) -> bool:
        try:
            seen = await self._history.by_id(wire.order_id)
            if seen is not None and not seen.state.is_final:
                return False  # it still works, and its cancellation may come through yet
            left = (wire.configuration.base_size or Decimal(0)) - (seen.filled_quantity if seen else 0)
            return left <= 0 or await self._send(wire, left, closing)
        except VenueError as error:
            _LOG.error("coinbase: the stop of %s made way for nothing and is not back: %s", wire.product_id, error)
            return False

    async def _send(self, wire: VenueOrder, left: Decimal, closing: str) -> bool:
        """Send it; an id that was used before names an order that may have ended since."""
        name = f"{closing}-{wire.order_id.replace('-', '')[-_OF_THE_OTHER:]}"
        reply = await write(self._writer, requests.again(wire, name, left), CreateReply)
        seen = await self._history.by_id(reply.success_response.order_id)
        return seen is None or not seen.state.is_final
