"""OANDA as a venue to trade at: orders with their stop and target attached, found again by client id."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.capabilities import CAPABILITIES
from desk.adapters.venues.oanda.conversions import HomeConversions
from desk.adapters.venues.oanda.errors import VENUE, refusal
from desk.adapters.venues.oanda.lookup import OrderLookup
from desk.adapters.venues.oanda.market import OandaMarket
from desk.adapters.venues.oanda.names import from_wire, order_path
from desk.adapters.venues.oanda.poll import AccountPoll
from desk.adapters.venues.oanda.reading import (
    asked_by_order,
    asked_by_transaction,
    fills_of,
    order_of,
    positions_of,
)
from desk.adapters.venues.oanda.reasons import ABSENT_ORDER
from desk.adapters.venues.oanda.sending import Body, order_body
from desk.adapters.venues.oanda.trades import OandaTrades
from desk.adapters.venues.oanda.transactions import FIRST, OandaTransactions
from desk.adapters.venues.oanda.wire.transactions import OrderCancelled, OrderPlaced, WireTransaction
from desk.errors import AccessDenied, InvalidOrder, OrderRefused, OutcomeUnknown, VenueError, VenueUnavailable
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent, OrderState, OrderType
from desk.ports import Clock


class OandaTrading:
    """Implements `desk.ports.Trading` for one account.

    A time limit among the barriers is the desk's own to keep; the others live at the venue.

    Args:
        collar_bps: how far from the quote a market order may be filled at the worst; None sends it without a bound.
    """

    def __init__(
        self,
        api: OandaApi,
        *,
        poll: AccountPoll,
        market: OandaMarket,
        transactions: OandaTransactions,
        lookup: OrderLookup,
        conversions: HomeConversions,
        clock: Clock,
        collar_bps: Decimal | None = None,
    ) -> None:
        self._api = api
        self._poll = poll
        self._trades = OandaTrades(api, poll)
        self._market = market
        self._transactions = transactions
        self._lookup = lookup
        self._conversions = conversions
        self._clock = clock
        self._collar_bps = collar_bps
        self._sent_after: dict[str, int] = {}

    async def account(self) -> AccountState:
        """Return the account's money, with what every currency is worth in which it ever traded something."""
        account = (await self._poll.details()).account
        listed = await self._market.instruments()
        traded = {from_wire(position.instrument) for position in account.positions} & listed.keys()
        return AccountState(
            currency=account.currency,
            cash=account.balance,
            equity=account.nav,
            at=self._clock.now(),
            conversion=await self._conversions.rates(self._api, account.currency, traded),
            balances={account.currency: account.balance},
            margin_used=account.margin_used,
        )

    async def positions(self) -> tuple[Position, ...]:
        """Return what the open trades of each instrument add up to."""
        return positions_of((await self._poll.details()).account)

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that works by itself; stops and targets of trades are barriers of the positions."""
        account = (await self._poll.details()).account
        return tuple(
            order_of(asked_by_order(order), currency=account.currency)
            for order in account.orders
            if order.is_standalone
        )

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once; see `desk.ports.Trading`."""
        name = _name(intent)
        if not CAPABILITIES.client_id.fullmatch(intent.client_order_id):
            told = f"expected a client order id that matches {CAPABILITIES.client_id.pattern}; nothing was sent"
            raise InvalidOrder(VENUE, name, "CLIENT_ORDER_ID_INVALID", told)
        currency = await self._before_sending(name)
        body = order_body(intent, price_bound=await self._bound(intent, name))
        return self._outcome(await self._send(intent, name, body), name, currency)

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, or None where OANDA definitely never accepted one of that id; see `OrderLookup`."""
        return await self._lookup.find(client_order_id, after=self._sent_after.get(client_order_id))

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged.

        Raises:
            InvalidOrder: ORDER_DOESNT_EXIST, there never was such an order.
            OutcomeUnknown: it may be cancelled; to cancel again does no harm.
        """
        cancel = await self._try_to_cancel(client_order_id, order_path(client_order_id))
        if isinstance(cancel, Order):
            if cancel.state.is_final:
                return cancel
            # It works, and OANDA does not know it: so young an order may not be there yet for who cancels it.
            await self._lookup.wait()
            cancel = await self._try_to_cancel(client_order_id, cancel.venue_order_id)
        return cancel if isinstance(cancel, Order) else await self._cancelled(client_order_id, cancel)

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor: the id of the newest transaction.

        Where nothing happened since, it costs no call beyond the look at the account that a scan makes anyway.

        Raises:
            InvalidOrder: BAD_CURSOR, the cursor is not one that this method gave.
        """
        if cursor and not cursor.isdecimal():
            raise InvalidOrder(VENUE, f"fills since {cursor!r}", "BAD_CURSOR", "expected a transaction id or nothing")
        start, details = int(cursor or FIRST), await self._poll.details()
        newest = max(details.last_transaction_id, self._api.last_seen)
        if newest < start:
            told = f"expected transactions up to {start}, found them up to {newest}; is it still the same account?"
            raise VenueUnavailable(VENUE, f"fills since {cursor}", "STALE", told)
        if newest == start:
            return (), str(start)
        found, last = await self._transactions.read_since(start)
        return fills_of(found, details.account.currency), str(last)

    async def set_stop(self, instrument: str, price: Decimal) -> None:
        """Give all of a position this stop, which hangs on it and ends with it; see `OandaTrades.set_stop`."""
        await self._trades.set_stop(instrument, price)

    async def _before_sending(self, name: str) -> str:
        """The account's currency, and with it a transaction from before the first order, from which to look for it."""
        try:
            return await self._poll.currency()
        except AccessDenied:
            raise
        except VenueError as error:
            raise OrderRefused(VENUE, name, "NOT_SENT", f"nothing was sent: {error}") from error

    async def _bound(self, intent: OrderIntent, name: str) -> Decimal | None:
        """The worst price of a market order that may open something; one that closes is not held back."""
        if self._collar_bps is None or intent.type is not OrderType.MARKET or intent.reduce_only:
            return None
        try:
            quotes = await self._market.quotes([intent.instrument], at=self._clock.now())
            instruments = await self._market.instruments()
        except AccessDenied:
            raise
        except VenueError as error:
            raise OrderRefused(VENUE, name, "NOT_SENT", f"no quote for a price bound: {error}") from error
        if intent.instrument not in quotes:
            raise OrderRefused(VENUE, name, "NOT_SENT", f"no quote of {intent.instrument} for a price bound")
        worst = quotes[intent.instrument].price_for(intent.side) * (1 + intent.side.sign * self._collar_bps / 10_000)
        return instruments[intent.instrument].round_price_for(intent.side, worst)

    async def _send(self, intent: OrderIntent, name: str, body: Body) -> OrderPlaced:
        before = self._api.last_seen
        try:
            return await self._api.write(OrderPlaced, "POST", "/orders", name, body)
        except OutcomeUnknown:
            self._sent_after[intent.client_order_id] = before
            raise
        finally:
            self._poll.forget()

    async def _try_to_cancel(self, client_order_id: str, path: str) -> WireTransaction | Order:
        """Return the cancellation, or the order as it is where there is nothing to cancel."""
        name = f"cancel order {client_order_id}"
        try:
            reply = await self._api.write(OrderCancelled, "PUT", f"/orders/{path}/cancel", name)
        except InvalidOrder as error:
            found = await self.find_order(client_order_id) if error.code in ABSENT_ORDER else None
            if found is None:
                raise
            return found
        finally:
            self._poll.forget()
        return reply.order_cancel_transaction

    def _outcome(self, placed: OrderPlaced, name: str, currency: str) -> Order:
        fill, cancel = placed.order_fill_transaction, placed.order_cancel_transaction
        fills: Sequence[WireTransaction] = [fill] if fill else []
        order = order_of(asked_by_transaction(placed.order_create_transaction), fills, cancel, currency=currency)
        if order.state is OrderState.REJECTED:
            raise refusal(order.reason, name, "accepted and cancelled at once")
        return order

    async def _cancelled(self, client_order_id: str, cancel: WireTransaction) -> Order:
        found = await self._lookup.find(client_order_id)
        if found is None:
            told = "its cancellation is told, the order is not"
            raise OutcomeUnknown(VENUE, f"cancel order {client_order_id}", "NO_SUCH_ORDER", told)
        if found.state.is_final:
            return found
        return replace(found, state=OrderState.CANCELLED, reason=cancel.reason, at=cancel.time)


def _name(intent: OrderIntent) -> str:
    return f"order {intent.client_order_id} ({intent.side} {intent.quantity} {intent.instrument})"
