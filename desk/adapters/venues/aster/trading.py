"""The trading port of one account at Aster, in one-way mode."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.capabilities import CAPABILITIES
from desk.adapters.venues.aster.catalogue import Catalogue
from desk.adapters.venues.aster.errors import MARGIN_TYPE_UNCHANGED, VENUE
from desk.adapters.venues.aster.fills import FillReader
from desk.adapters.venues.aster.lookup import OrderLookup, Patience
from desk.adapters.venues.aster.marks import read_cursor, write_cursor
from desk.adapters.venues.aster.names import symbol_of
from desk.adapters.venues.aster.orders import form_of, order_of
from desk.adapters.venues.aster.protection import Protection, protective_forms
from desk.adapters.venues.aster.sending import OrderSender
from desk.adapters.venues.aster.traded import RecallSince, TradedSymbols
from desk.adapters.venues.aster.wire import (
    ACCOUNT,
    ANYTHING,
    LEVERAGE,
    ORDERS,
    POSITIONS,
    OrderWire,
    PositionWire,
)
from desk.adapters.venues.recalling import Recall, recall_nothing
from desk.errors import InvalidOrder, OrderRefused, VenueError
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent

CURRENCY = "USDT"
"""What the venue gives an account's totals in."""
FIRST_LOOK = timedelta(days=30)


class MarginType(StrEnum):
    """What stands behind a position: its own margin, or the whole account."""

    ISOLATED = "ISOLATED"
    CROSSED = "CROSSED"


class AsterTrading:
    """What one account can do at Aster.

    Args:
        instruments: those that the account trades. Fills, and orders whose instrument nobody remembers, are looked for
            in these and in those that the account is seen to hold or to have orders in.
        recall_since: remembers when what it did in each instrument ended. With it the fills of an instrument that is
            not among `instruments` are read until they are over: see `TradedSymbols`.
        recall: remembers what was sent before this process began; with it an order is asked for by its instrument, and
            one that is older than what the venue keeps is never taken for one that never arrived.
        patience: how absence is made sure of.
        history: how far back an empty cursor reaches; the venue tells fills by instrument and by week.
    """

    def __init__(
        self,
        calls: AsterCalls,
        catalogue: Catalogue,
        *,
        instruments: Iterable[str],
        recall: Recall = recall_nothing,
        recall_since: RecallSince | None = None,
        patience: Patience | None = None,
        history: timedelta = FIRST_LOOK,
    ) -> None:
        self._calls = calls
        self.skew = calls.skew
        self._catalogue = catalogue
        self._symbols = {symbol for name in instruments if (symbol := symbol_of(name)) is not None}
        patience = patience or Patience()
        self._traded = TradedSymbols(tuple(self._symbols), recall=recall_since, now=calls.skew.now)
        self._history = history
        self._lookup = OrderLookup(calls, self._symbols, recall=recall, patience=patience)
        self._fills = FillReader(calls, catalogue, history=history)
        self._sender = OrderSender(calls, self._fills, patience)

    async def account(self) -> AccountState:
        """Return the account's money in USDT."""
        told = await self._calls.ask("account", "account", ACCOUNT)
        return AccountState(
            CURRENCY,
            told.cash,
            told.equity,
            self._calls.skew.now(),
            conversion={CURRENCY: Decimal(1)},
            balances={asset.asset: asset.balance for asset in told.assets if asset.balance},
            margin_used=told.margin,
        )

    async def may_trade(self) -> bool | None:
        """Return whether the venue lets the account trade; None where it does not tell."""
        return (await self._calls.ask("account", "account", ACCOUNT)).can_trade

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position; `opened_at` is when the venue last changed it.

        Raises:
            VenueError: HEDGE_MODE, the account holds long and short positions side by side.
        """
        told = await self._calls.ask("positionRisk", "positions", POSITIONS)
        held = [position for position in told if position.quantity]
        self._see(position.symbol for position in held)
        return tuple([await self._position(position) for position in held])

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that is still working."""
        told = await self._calls.ask("openOrders", "open orders", ORDERS)
        self._see(order.symbol for order in told)
        return tuple([order_of(order, await self._catalogue.name(order.symbol)) for order in told])

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once, without the stop and target of its barriers: see `protect`.

        Raises:
            OrderRefused: a definite no.
            OutcomeUnknown: the order may have arrived; ask with `find_order`.
            AccessDenied: the credentials are not accepted.
        """
        symbol = self._symbol(intent)
        self._lookup.remember(intent.client_order_id, intent.instrument)
        self._see([symbol])
        return await self._sender.send(form_of(intent, symbol), intent.instrument, _request(intent))

    async def protect(self, entry: OrderIntent, filled: Decimal) -> Protection:
        """Place the stop and the target of a filled entry, each sent once, the stop first.

        They are orders of their own that can only reduce, with the ids `<entry>-s` and `<entry>-t`, over `filled`, not
        over what was asked for. Separate from `submit`, since a stop that fails must not make its entry look refused,
        nor be lost behind an entry that succeeded.
        """
        symbol = self._symbol(entry)
        orders: list[Order] = []
        failures: dict[str, VenueError] = {}
        for client_order_id, form in protective_forms(entry, filled, symbol).items():
            try:
                self._check_id(client_order_id)
                self._lookup.remember(client_order_id, entry.instrument)
                name = f"order {client_order_id} ({form['type']} {entry.instrument})"
                orders.append(await self._sender.send(form, entry.instrument, name))
            except VenueError as error:
                failures[client_order_id] = error
        return Protection(tuple(orders), failures)

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, or None where the venue definitely never accepted one of that id.

        Raises:
            VenueUnavailable: no definite answer; ask again. TOO_OLD: the venue forgets an unfilled order after a week.
        """
        found = await self._lookup.find(client_order_id)
        return None if found is None else await self._told(found)

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; a final order is returned unchanged.

        Raises:
            InvalidOrder: UNKNOWN_ORDER.
            OutcomeUnknown: the order was still working afterwards.
        """
        found = await self._lookup.find_now(client_order_id)
        if found is None:
            raise InvalidOrder(VENUE, f"cancel {client_order_id}", "UNKNOWN_ORDER", "there is no such order")
        order = await self._told(found)
        return order if order.state.is_final else await self._told(await self._sender.cancel(found))

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, oldest first, and the next cursor; an empty one asks from `history` ago.

        Raises:
            InvalidOrder: BAD_CURSOR, the cursor is not one that this method gave.
        """
        marks, oldest = read_cursor(cursor), self.skew.now() - self._history
        fills, moved = await self._fills.since(marks, await self._traded.wanted(marks, oldest))
        # What was let go comes back where its reading ended; after so long it would begin anew at the same place.
        kept = {symbol: mark for symbol, mark in marks.items() if mark.until >= oldest}
        return fills, write_cursor({**kept, **moved})

    async def fills_of(self, instrument: str, start: datetime) -> tuple[Fill, ...]:
        """Return all fills of an instrument from `start` on, oldest first, whoever sent their orders."""
        return await self._fills.from_time(self._known(instrument, "fills"), start)

    async def set_leverage(self, instrument: str, leverage: int) -> int:
        """Set the leverage of an instrument, from 1 up, and return what the venue made of it."""
        symbol, name = self._known(instrument, "leverage"), f"leverage of {instrument}"
        told = await self._calls.tell("POST", "leverage", name, LEVERAGE, symbol=symbol, leverage=leverage)
        return told.leverage

    async def set_margin_type(self, instrument: str, margin_type: MarginType) -> None:
        """Set what stands behind positions in an instrument; it is no error where that is so already."""
        symbol, name = self._known(instrument, "margin type"), f"margin type of {instrument}"
        try:
            await self._calls.tell("POST", "marginType", name, ANYTHING, symbol=symbol, marginType=margin_type.value)
        except OrderRefused as error:
            if error.code != MARGIN_TYPE_UNCHANGED:
                raise

    async def cancel_all_after(self, instrument: str, pause: timedelta) -> None:
        """Have the venue cancel all orders in an instrument unless this is called again within `pause`.

        The stop and the target of a position are cancelled too. A pause of zero calls it off.
        """
        symbol, name = self._known(instrument, "countdown"), f"countdown of {instrument}"
        milliseconds = pause // timedelta(milliseconds=1)
        await self._calls.tell("POST", "countdownCancelAll", name, ANYTHING, symbol=symbol, countdownTime=milliseconds)

    def _see(self, symbols: Iterable[str]) -> None:
        seen = frozenset(symbols)
        self._symbols |= seen
        self._traded.see(seen)

    async def _told(self, order: OrderWire) -> Order:
        return order_of(order, await self._catalogue.name(order.symbol), await self._fills.of_order(order))

    async def _position(self, wire: PositionWire) -> Position:
        name = await self._catalogue.name(wire.symbol)
        if wire.side != "BOTH":
            told = f"{name} has a {wire.side} position; set the account's position mode to one-way"
            raise VenueError(VENUE, "positions", "HEDGE_MODE", told)
        opened_at = wire.changed_at or self._calls.skew.now()
        cost = wire.quantity * wire.entry_price
        # The venue says 0 where the account's money outlasts every price.
        return Position(name, wire.quantity, cost, opened_at, liquidation_price=wire.liquidation or None)

    def _symbol(self, intent: OrderIntent) -> str:
        self._check_id(intent.client_order_id)
        return self._known(intent.instrument, _request(intent))

    def _check_id(self, client_order_id: str) -> None:
        if not CAPABILITIES.accepts_id(client_order_id):
            told = f"expected 1 to {CAPABILITIES.client_order_id_length} letters, digits or . : / _ -"
            raise InvalidOrder(VENUE, f"order {client_order_id}", "CLIENT_ORDER_ID", told)

    def _known(self, instrument: str, request: str) -> str:
        symbol = symbol_of(instrument)
        if symbol is None:
            told = f"expected a perpetual such as BTC/USDT:USDT, found {instrument}"
            raise InvalidOrder(VENUE, request, "UNKNOWN_INSTRUMENT", told)
        return symbol


def _request(intent: OrderIntent) -> str:
    return f"order {intent.client_order_id} ({intent.side} {intent.quantity} {intent.instrument})"
