"""Takes away the stop and target that the venue holds for a position, so that the position can be sold.

A bracket keeps back what it would sell: while it works, any other sale of the same units is refused for lack of funds.
Only those are taken away that the venue attached to an order of the desk, or that the desk sent itself; and where the
position could not be sold they come back.
"""

from datetime import timedelta

from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.errors import cancel_error
from desk.adapters.venues.coinbase.history import OrderHistory
from desk.adapters.venues.coinbase.names import VENUE, product_id
from desk.adapters.venues.coinbase.reading import Writer, write
from desk.adapters.venues.coinbase.restoring import Restorer
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.adapters.venues.coinbase.wire.orders import CancelReply, VenueOrder
from desk.errors import OrderRefused, OutcomeUnknown, RateLimited, VenueUnavailable
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType

_LONGEST_WAIT = timedelta(seconds=5)
"""For how long a venue that wants fewer calls is waited for, while a position has no stop."""


class Brackets:
    """The exits of an account's positions that rest at the venue.

    What was asked to go is remembered until the position's order is sent, or until it is back: its position may have no
    stop.
    """

    def __init__(self, history: OrderHistory, writer: Writer, terms: CoinbaseTerms, looks: Looks) -> None:
        self._history = history
        self._writer = writer
        self._terms = terms
        self._looks = looks
        self._restorer = Restorer(history, writer)
        self._taken: dict[str, tuple[VenueOrder, ...]] = {}
        self._closing: dict[str, str] = {}

    def may_be_bare(self, instrument: str) -> bool:
        """Whether brackets of the instrument were asked to go, no order was sent since, and they are not back."""
        return instrument in self._taken

    def sent(self, intent: OrderIntent) -> None:
        """Note that an order was sent."""
        self._forget(intent.instrument, intent.client_order_id)

    async def put_back(self, instrument: str, closing: str) -> bool:
        """Send anew what made way for an order that closes, and return whether the position has it again."""
        if not await self._restorer.restore(self._taken.get(instrument, ()), closing):
            return False
        self._forget(instrument, closing)
        return True

    def arrived(self, client_order_id: str) -> None:
        """Note that the venue has an order, perhaps one whose outcome was not known."""
        if client_order_id in self._closing:
            self._forget(self._closing[client_order_id], client_order_id)

    async def never_arrived(self, client_order_id: str) -> None:
        """Put back what made way for an order that the venue definitely never had."""
        if client_order_id in self._closing:
            await self.put_back(self._closing[client_order_id], client_order_id)

    async def make_way(self, intent: OrderIntent) -> None:
        """Cancel the brackets of the position that an order closes, and wait until they are gone.

        Raises:
            OrderRefused: one still works, so that the order was not sent.
            VenueUnavailable: no answer whether they are gone.
        """
        if not (self._terms.attach_brackets and intent.reduce_only and intent.side is Side.SELL):
            return
        brackets = tuple(
            [wire for wire in await self._history.open_orders() if await self._is_in_the_way(wire, intent)]
        )
        if not brackets:
            return
        refusals = await self._ask_to_go(brackets, intent)
        if not await self._are_gone([wire.order_id for wire in brackets]):
            raise self._in_the_way(intent, refusals[0] if refusals else "STILL_WORKING")

    async def _ask_to_go(self, brackets: tuple[VenueOrder, ...], intent: OrderIntent) -> list[str]:
        """Ask for the cancellation of brackets, and return why some were refused; a lost answer tells nothing."""
        try:
            reply = await write(self._writer, requests.cancel([wire.order_id for wire in brackets]), CancelReply)
        except OutcomeUnknown:
            self._note(brackets, intent)
            return []
        refused = {result.order_id: result.failure_reason for result in reply.results if not result.success}
        if gone := tuple(wire for wire in brackets if wire.order_id not in refused):
            self._note(gone, intent)
        return list(refused.values())

    def _note(self, gone: tuple[VenueOrder, ...], intent: OrderIntent) -> None:
        self._taken[intent.instrument] = gone
        self._closing[intent.client_order_id] = intent.instrument

    def _forget(self, instrument: str, closing: str) -> None:
        self._taken.pop(instrument, None)
        self._closing.pop(closing, None)

    async def _is_in_the_way(self, wire: VenueOrder, intent: OrderIntent) -> bool:
        if not (wire.is_exit and wire.product_id == product_id(intent.instrument)):
            return False
        if wire.client_order_id.startswith(self._terms.own_prefix):
            return intent.type is not OrderType.STOP  # which may be one more beside it: the watch knows which has to go
        if not wire.originating_order_id:
            return False
        parent = await self._history.by_id(wire.originating_order_id)
        return parent is not None and parent.client_order_id.startswith(self._terms.own_prefix)

    async def _are_gone(self, order_ids: list[str]) -> bool:
        """Look until brackets are gone; a look that fails is made again, and only the last failure is told."""
        failure: VenueUnavailable | None = None
        for pause in self._looks.pauses:
            try:
                orders = [await self._history.by_id(name) for name in order_ids]
                if all(order is None or order.state.is_final for order in orders):
                    return True
                failure = None
            except VenueUnavailable as error:
                failure = error
            await self._looks.wait(_patience(pause, failure))
        if failure is not None:
            raise failure
        return False

    def _in_the_way(self, intent: OrderIntent, word: str) -> OrderRefused:
        message = "stop and target of the position could not be cancelled, the order was not sent; try again"
        return OrderRefused(VENUE, f"order {intent.client_order_id}", word, message)


def _patience(pause: timedelta, failure: VenueUnavailable | None) -> timedelta:
    wanted = failure.retry_after if isinstance(failure, RateLimited) else pause
    return min(max(pause, wanted), _LONGEST_WAIT)


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
