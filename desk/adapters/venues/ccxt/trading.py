"""The trading port of one account at an exchange of ccxt: orders sent once, found by their client order id."""

from collections.abc import Sequence

from desk.adapters.venues.ccxt.amounts import plain
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.catalogue import Catalogue, Listing
from desk.adapters.venues.ccxt.errors import VENUE
from desk.adapters.venues.ccxt.fills import FillReader
from desk.adapters.venues.ccxt.lookup import Found, OrderLookup
from desk.adapters.venues.ccxt.market import CcxtMarket
from desk.adapters.venues.ccxt.money import CcxtMoney
from desk.adapters.venues.ccxt.orders import accepted, order_of, parameters_of
from desk.errors import DataError, InvalidOrder, OrderRefused, OutcomeUnknown, VenueError, VenueUnavailable
from desk.model.books import AccountState, Position
from desk.model.instrument import InstrumentKind, Side
from desk.model.orders import Fill, Order, OrderIntent, OrderType, TimeInForce


class CcxtTrading:
    """Implements `desk.ports.Trading`. It sends market and limit orders, without the stop and target of their barriers.

    Args:
        instruments: those that the account trades; orders, fills and positions of others are not seen.
    """

    def __init__(
        self,
        calls: CcxtCalls,
        catalogue: Catalogue,
        market: CcxtMarket,
        money: CcxtMoney,
        *,
        instruments: Sequence[str],
        lookup: OrderLookup,
    ) -> None:
        self._calls = calls
        self._catalogue = catalogue
        self._market = market
        self._money = money
        self._instruments = tuple(instruments)
        self._lookup = lookup
        self._fills = FillReader(calls, catalogue, instruments)

    async def account(self) -> AccountState:
        """Return the account's money; see `CcxtMoney.account`."""
        return await self._money.account()

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position; see `CcxtMoney.positions`."""
        return await self._money.positions()

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that is still working."""
        found: list[Order] = []
        for name in self._instruments:
            rows = await self._calls.ask("fetch_open_orders", f"open orders in {name}", name)
            found += [await self._order(Found(raw, name)) for raw in rows]
        return tuple(found)

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once and return it as it is soon after; see `desk.ports.Trading`.

        An order that was taken is never an error: where the exchange does not show it soon, it is returned as accepted.
        """
        request = f"order {intent.client_order_id} ({intent.side} {intent.quantity} {intent.instrument})"
        listing = await self._checked(intent, request)
        amount, price = self._on_grid(intent, listing, request), await self._price(intent)
        self._lookup.remember(intent.client_order_id, intent.instrument)
        words = (intent.instrument, intent.type.value, intent.side.value, amount, price, parameters_of(intent, listing))
        raw = await self._calls.tell("create_order", request, *words, carrying=intent.client_order_id)
        if not isinstance(raw, dict) or not raw.get("id"):
            raise OutcomeUnknown(VENUE, request, "UNREADABLE", "expected an order, found none in the answer")
        self._fills.remember(str(raw["id"]), intent.client_order_id)
        return await self._followed(intent, str(raw["id"]))

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, None where several looks over working and ended orders did not show it.

        Raises:
            VenueUnavailable: a list could not be read, or was longer than what an exchange gives at once.
        """
        found = await self._lookup.find(client_order_id)
        return None if found is None else await self._told(found)

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged.

        Raises:
            InvalidOrder: UNKNOWN_ORDER.
            OrderRefused, OutcomeUnknown: the order was still working afterwards.
        """
        name = f"cancel {client_order_id}"
        found = await self._lookup.look(client_order_id)
        if found is None:
            raise InvalidOrder(VENUE, name, "UNKNOWN_ORDER", "there is no such order")
        if (await self._order(found)).state.is_final:
            return await self._told(found)
        lost: VenueError | None = None
        try:
            await self._calls.tell("cancel_order", name, found.raw["id"], found.instrument)
        except (OutcomeUnknown, OrderRefused) as error:
            lost = error  # it may have ended in between, perhaps by this very request
        listing = await self._catalogue.listing(found.instrument)
        now = self._calls.clock.now()
        seen = await self._lookup.find(
            client_order_id, until=lambda one: order_of(one.raw, listing, now).state.is_final
        )
        if seen is None:
            raise lost or OutcomeUnknown(VENUE, name, "", "the exchange does not show the order any more")
        order = await self._told(seen)
        if lost is not None and not order.state.is_final:
            raise lost
        return order

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor; an empty one asks for the last seven days.

        Raises:
            InvalidOrder: BAD_CURSOR, the cursor is not one that this method gave.
        """
        return await self._fills.since(cursor)

    async def _followed(self, intent: OrderIntent, venue_order_id: str) -> Order:
        """The order as the exchange shows it: with its end, where it cannot rest."""
        rests = intent.type is OrderType.LIMIT and intent.time_in_force is TimeInForce.GTC
        taken = accepted(intent, venue_order_id, self._calls.clock.now())
        try:
            listing = await self._catalogue.listing(intent.instrument)
            seen = await self._lookup.find(
                intent.client_order_id, until=lambda one: rests or order_of(one.raw, listing, taken.at).state.is_final
            )
            return taken if seen is None else await self._told(seen)
        except (VenueError, ValueError):
            return taken  # a failed look says nothing about an order that the exchange has

    async def _told(self, found: Found) -> Order:
        """The order with its fills."""
        order = await self._order(found)
        if not order.filled_quantity:
            return order
        fills = await self._fills.of_order(found.raw, found.instrument, order.client_order_id)
        return await self._order(found, fills)

    async def _order(self, found: Found, fills: tuple[Fill, ...] = ()) -> Order:
        listing = await self._catalogue.listing(found.instrument)
        try:
            return order_of(found.raw, listing, self._calls.clock.now(), fills)
        except (ValueError, KeyError) as error:
            raise VenueUnavailable(VENUE, f"orders in {found.instrument}", "UNREADABLE", str(error)) from None

    async def _checked(self, intent: OrderIntent, request: str) -> Listing:
        if intent.type is OrderType.STOP:
            raise InvalidOrder(VENUE, request, "UNSUPPORTED_TYPE", "stop orders are not sent through ccxt")
        if (intent.price is None) is not (intent.type is OrderType.MARKET):
            raise InvalidOrder(VENUE, request, "BAD_PRICE", f"found the price {intent.price} on a {intent.type} order")
        try:
            return await self._catalogue.listing(intent.instrument)
        except DataError as error:
            raise InvalidOrder(VENUE, request, "UNKNOWN_INSTRUMENT", str(error)) from None

    def _on_grid(self, intent: OrderIntent, listing: Listing, request: str) -> str:
        """The amount in the exchange's units, which ccxt would cut to the lot without a word."""
        if intent.quantity % listing.instrument.lot or intent.quantity < listing.instrument.minimum_quantity:
            told = (
                f"expected a multiple of {listing.instrument.lot} and at least {listing.instrument.minimum_quantity}, "
                f"found {intent.quantity}"
            )
            raise InvalidOrder(VENUE, request, "BAD_QUANTITY", told)
        return plain(intent.quantity / listing.unit)

    async def _price(self, intent: OrderIntent) -> str | None:
        """The limit; where a market order to buy is taken as money to be spent, the price to count that with."""
        if intent.price is not None:
            return plain(intent.price)
        listing = await self._catalogue.listing(intent.instrument)
        spends = self._calls.exchange.options.get("createMarketBuyOrderRequiresPrice")
        if not spends or intent.side is Side.SELL or listing.instrument.kind is not InstrumentKind.SPOT:
            return None
        quotes = await self._market.quotes([intent.instrument], at=self._calls.clock.now())
        if intent.instrument not in quotes:
            request = f"order {intent.client_order_id}"
            raise OrderRefused(VENUE, request, "NO_PRICE", f"there is no price of {intent.instrument}")
        return plain(quotes[intent.instrument].ask)
