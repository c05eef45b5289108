"""The trading port of one account at Coinbase: orders sent once, found by their client order id, cancelled, edited."""

from decimal import Decimal

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.account import FeeRates, KeyRights, Preview, read_fees, read_rights
from desk.adapters.venues.coinbase.brackets import Brackets, request_cancel
from desk.adapters.venues.coinbase.capabilities import CAPABILITIES
from desk.adapters.venues.coinbase.clock import VenueClock
from desk.adapters.venues.coinbase.fills import fills_since
from desk.adapters.venues.coinbase.history import OrderHistory
from desk.adapters.venues.coinbase.market import CoinbaseMarket
from desk.adapters.venues.coinbase.money import CoinbaseMoney
from desk.adapters.venues.coinbase.names import VENUE, product_id
from desk.adapters.venues.coinbase.orders import acknowledged
from desk.adapters.venues.coinbase.reading import Writer, read, write
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.adapters.venues.coinbase.wire.orders import CreateReply, EditReply, PreviewReply
from desk.errors import (
    AccessDenied,
    DataError,
    InvalidOrder,
    NotSent,
    OrderRefused,
    OutcomeUnknown,
    VenueError,
    VenueUnavailable,
)
from desk.model.books import AccountState, Position
from desk.model.instrument import Instrument, Side
from desk.model.orders import Fill, Order, OrderIntent, OrderType, TimeInForce


class CoinbaseTrading:
    """Implements `desk.ports.Trading` for a spot account.

    Args:
        writer: the session, or what refuses every write of a read-only account.
        clock: the venue's time.
        looks: how the venue is waited for.
    """

    def __init__(
        self,
        session: VenueSession,
        market: CoinbaseMarket,
        terms: CoinbaseTerms,
        *,
        writer: Writer,
        clock: VenueClock,
        looks: Looks,
    ) -> None:
        self._session = session
        self._market = market
        self._terms = terms
        self._writer = writer
        self._clock = clock
        self._looks = looks
        self._history = OrderHistory(session, market, clock, looks)
        self._money = CoinbaseMoney(session, market, self._history, terms, clock)
        self._brackets = Brackets(self._history, writer, terms, looks)

    async def account(self) -> AccountState:
        """Return the account's money; see `CoinbaseMoney.account`."""
        return await self._money.account()

    async def positions(self) -> tuple[Position, ...]:
        """Return what is held of the instruments' base currencies; what is too little to be sold is left out."""
        return await self._money.positions()

    async def open_orders(self) -> tuple[Order, ...]:
        """Return the working orders in the account's instruments, attached brackets among them, oldest first."""
        products = {product_id(name) for name in self._terms.instruments}
        working = [wire for wire in await self._history.open_orders() if wire.product_id in products]
        return tuple([await self._history.with_fills(wire) for wire in working])

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once and return it as it is soon after; see the port.

        An order that closes a position first takes away the stop and target that the venue holds for it, and gives
        them back where it was not taken.

        Raises:
            NotSent: they may be gone, and the order did not leave after them.
            AccessDenied: its words say what became of them.
        """
        instrument = await self._checked(intent)
        try:
            await self._brackets.make_way(intent)
            reply = await write(self._writer, requests.create(intent, instrument, self._terms), CreateReply)
        except (OrderRefused, VenueUnavailable, AccessDenied) as error:
            if not (intent.reduce_only and self._brackets.may_be_bare(intent.instrument)):
                raise
            raise await self._after_nothing(intent, error) from error
        self._brackets.sent(intent)
        return await self._followed(intent, reply.success_response.order_id)

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, None where several looks over all lists and fills did not show it.

        Raises:
            VenueUnavailable: a list could not be read; nothing follows from that.
        """
        wire = await self._history.find(client_order_id)
        if wire is None:
            await self._brackets.never_arrived(client_order_id)
            return None
        self._brackets.arrived(client_order_id)
        return await self._history.with_fills(wire)

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged.

        Raises:
            InvalidOrder: UNKNOWN_ORDER.
            OrderRefused: the venue keeps the order working.
            OutcomeUnknown: the cancellation may be under way; ask for the order.
        """
        order = await self._existing(client_order_id, f"cancel {client_order_id}")
        if order.state.is_final:
            return order
        refusal: VenueError | None = None
        try:
            await request_cancel(self._writer, order.venue_order_id)
        except (OrderRefused, OutcomeUnknown) as error:
            refusal = error  # the order itself tells: it may have ended on its own, or be cancelled after all
        latest = await self._ended(order)
        if refusal is not None and not latest.state.is_final:
            raise refusal
        return latest

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor; an empty cursor asks from the beginning."""
        return await fills_since(self._history, self._terms, cursor)

    async def edit(self, client_order_id: str, *, price: Decimal, quantity: Decimal) -> Order:
        """Give a resting limit order another price and size, and return it as it then is.

        Args:
            quantity: of the whole order, in base units, what is filled already included.

        Raises:
            InvalidOrder: UNKNOWN_ORDER, or the venue does not take the change.
            OutcomeUnknown: it may have been made; ask for the order.
        """
        order = await self._existing(client_order_id, f"edit {client_order_id}")
        await write(self._writer, requests.edit(order.venue_order_id, price=price, size=quantity), EditReply)
        return await self._existing(client_order_id, f"edit {client_order_id}")

    async def preview(self, intent: OrderIntent) -> Preview:
        """Return what the order would cost and why it would be refused; nothing is sent to the market."""
        instrument = await self._market.instrument(intent.instrument)
        told = await read(self._session, requests.preview(intent, instrument, self._terms), PreviewReply)
        return Preview(
            problems=told.errs,
            warnings=told.warning,
            total=told.order_total,
            fee=told.commission_total,
            base_quantity=told.base_size,
            bid=told.best_bid,
            ask=told.best_ask,
            slippage=told.slippage,
        )

    async def fees(self) -> FeeRates:
        """Return what the account pays now."""
        return await read_fees(self._session)

    async def rights(self) -> KeyRights:
        """Return what the key may do."""
        return await read_rights(self._session)

    async def _checked(self, intent: OrderIntent) -> Instrument:
        """What can be known to be refused before anything is sent."""
        request = f"order {intent.client_order_id}"
        if not CAPABILITIES.client_order_id.fullmatch(intent.client_order_id):
            expected = f"expected a client order id that matches {CAPABILITIES.client_order_id.pattern}"
            raise InvalidOrder(VENUE, request, "INVALID_CLIENT_ORDER_ID", expected)
        if intent.reduce_only and intent.side is Side.BUY:
            raise InvalidOrder(VENUE, request, "NOTHING_TO_REDUCE", "a spot account is never short")
        if intent.type is not OrderType.MARKET and intent.price is None:
            raise InvalidOrder(VENUE, request, "NO_PRICE", f"expected a price for a {intent.type} order, found none")
        try:
            return await self._market.instrument(intent.instrument)
        except DataError as error:
            raise InvalidOrder(VENUE, request, "INVALID_PRODUCT_ID", str(error)) from error

    async def _after_nothing(self, intent: OrderIntent, error: VenueError) -> VenueError:
        """Put back what made way for an order that closed nothing, and return what is to be raised for it."""
        is_back = await self._brackets.put_back(intent.instrument, intent.client_order_id)
        kind: type[VenueError] = OrderRefused if is_back else NotSent
        told = "stop and target of the position were taken away, and its closing order did not leave"
        if is_back:
            told = "the position keeps its stop and target, and its closing order was not taken"
        if isinstance(error, AccessDenied):
            kind = AccessDenied  # sent again it would be denied again, and the account is halted for it
        return kind(VENUE, f"order {intent.client_order_id}", error.code, f"{told}: {error}")

    async def _followed(self, intent: OrderIntent, order_id: str) -> Order:
        """Look at an order that was accepted until it is done, or rests.

        Whatever fails from here on, the order is at the venue: an error would say that it may not be.
        """
        latest = acknowledged(intent, order_id, self._clock.now())
        rests = intent.type is OrderType.STOP or (
            intent.type is OrderType.LIMIT and intent.time_in_force is TimeInForce.GTC
        )
        for pause in (None, *self._looks.pauses):
            if pause is not None:
                await self._looks.wait(pause)
            try:
                seen = await self._history.by_id(order_id)
            except (VenueError, DataError):
                return latest
            latest = seen or latest
            if seen is not None and (rests or seen.state.is_final):
                break
        return latest

    async def _ended(self, order: Order) -> Order:
        """Look at an order until its cancellation has come through, or the venue has had time for it."""
        latest = order
        for pause in (None, *self._looks.pauses):
            if pause is not None:
                await self._looks.wait(pause)
            latest = await self._history.by_id(order.venue_order_id) or latest
            if latest.state.is_final:
                break
        return latest

    async def _existing(self, client_order_id: str, request: str) -> Order:
        order = await self.find_order(client_order_id)
        if order is None:
            raise InvalidOrder(VENUE, request, "UNKNOWN_ORDER", "there is no such order")
        return order
