"""Trading at Aster with positions that keep their stop and target, which no order there can carry."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal

from desk.adapters.budget.urgency import urgent
from desk.adapters.venues.aster.proof import is_closed_by
from desk.adapters.venues.aster.protection import STOP_SUFFIX, is_protective
from desk.adapters.venues.aster.trading import AsterTrading
from desk.errors import AccessDenied, LedgerError, NotSent, OrderRefused, OutcomeUnknown, RateLimited, VenueError
from desk.model.books import AccountState, Position
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, Order, OrderIntent

_LOG = logging.getLogger("scandesk.aster")
_UNTOLD = "which the venue left out of its answer"


class ProtectedTrading:
    """Implements `desk.ports.Trading` over an account at Aster.

    Once an entry has filled, its stop and target are placed, over what was filled then; what cannot be placed is logged
    as an error, and the entry stays what it is. The two are cancelled when their position is no more: after the order
    that closed it, before the next entry, and whenever positions or open orders are asked for. That costs calls only
    where something is left over. No answer without the position proves that it is gone: only fills that have closed it.

    What gives a position its stop is urgent, also where its entry was not: see `desk.adapters.budget.urgency`.

    An entry whose reply was lost is protected as soon as `find_order` finds it, by the process that sent it. One whose
    process died before its stop was placed is left as it is: nothing here tells it from one that needs no stop.
    """

    def __init__(self, trading: AsterTrading) -> None:
        self._trading = trading
        # Sent, and neither protected nor known to have ended without a fill.
        self._entries: dict[str, OrderIntent] = {}
        # As the venue told them last, brought up to what was sent since; None before the first look.
        self._guards: dict[str, Order] | None = None
        self._held: dict[str, Side] = {}
        self._tidying = asyncio.Lock()

    async def account(self) -> AccountState:
        """Return the account's money; see `AsterTrading`."""
        return await self._trading.account()

    async def positions(self) -> tuple[Position, ...]:
        """Return every open position; see `AsterTrading`."""
        await self._ask_for_entries()
        told = await self._trading.positions()
        self._note_positions(told)
        await self._tidy()
        return told

    async def open_orders(self) -> tuple[Order, ...]:
        """Return every order that is still working, but for stops and targets that were left over."""
        told = await self._trading.open_orders()
        self._note_orders(told)
        await self._tidy()
        return tuple(order for order in told if not is_protective(order) or order.client_order_id in self._known())

    async def submit(self, intent: OrderIntent) -> Order:
        """Send an order once, and what protects the position that it opens after it; see `desk.ports.Trading`."""
        if not intent.reduce_only:
            await self._clear()
            self._remember(intent)
        try:
            order = await self._trading.submit(intent)
        except (OrderRefused, RateLimited, AccessDenied, NotSent):
            self._entries.pop(intent.client_order_id, None)
            raise
        await self._follow(intent, order)
        return order

    async def find_order(self, client_order_id: str) -> Order | None:
        """Return the order, protected where it is an entry of this process; see `desk.ports.Trading`."""
        order = await self._trading.find_order(client_order_id)
        if order is None:
            self._entries.pop(client_order_id, None)
        elif client_order_id in self._entries:
            await self._follow(self._entries[client_order_id], order)
        return order

    async def cancel(self, client_order_id: str) -> Order:
        """Cancel what is left of an order and return it as it then is; see `desk.ports.Trading`."""
        order = await self._trading.cancel(client_order_id)
        if client_order_id in self._entries:
            await self._follow(self._entries[client_order_id], order)
        return order

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        """Return fills after `cursor`, those of stops and targets among them; see `desk.ports.Trading`."""
        return await self._trading.fills_since(cursor)

    def _remember(self, intent: OrderIntent) -> None:
        if intent.barriers.stop is not None or intent.barriers.target is not None:
            self._entries[intent.client_order_id] = intent

    async def _follow(self, intent: OrderIntent, order: Order) -> None:
        """Do what an order's fill asks for; one that may still fill is asked for again at the next look."""
        if not order.filled_quantity:
            if order.state.is_final:
                self._entries.pop(intent.client_order_id, None)
            return
        if self._entries.pop(intent.client_order_id, None) is None:
            # Perhaps it has closed the position; whether it has is asked where something would be left over.
            self._held.pop(intent.instrument, None)
        else:
            with urgent():
                await self._protect(intent, order.filled_quantity)
            self._held[intent.instrument] = intent.side
        await self._tidy()

    async def _ask_for_entries(self) -> None:
        """Ask for the entries that had not filled, or not been found, when they were last heard of."""
        for name in tuple(self._entries):
            try:
                with urgent():
                    await self.find_order(name)
            except VenueError as error:
                _LOG.warning("aster: entry %s cannot be asked for, and has no stop if it has filled: %s", name, error)

    async def _protect(self, entry: OrderIntent, filled: Decimal) -> None:
        done = await self._trading.protect(entry, filled)
        self._note_guards(done.orders)
        for name, error in done.failures.items():
            failure = await self._retried(name, entry, filled) if isinstance(error, OutcomeUnknown) else error
            if failure is not None:
                _tell_failure(name, entry, filled, failure)

    async def _retried(self, name: str, entry: OrderIntent, filled: Decimal) -> VenueError | None:
        """Ask for an order whose reply was lost, and send it again if it never arrived; return why there is none."""
        try:
            found = await self._trading.find_order(name)
        except VenueError as error:
            return error
        if found is not None:
            self._note_guards([found])
            return None
        done = await self._trading.protect(replace(entry, barriers=_leg(name, entry.barriers)), filled)
        self._note_guards(done.orders)
        return done.failures.get(name)

    async def _clear(self) -> None:
        """Cancel what is left over before something new begins; an account that was never looked at is looked at."""
        try:
            if self._guards is None:
                await self._look()
        except VenueError as error:
            _LOG.warning("aster: it is not known whether stops or targets are left over: %s", error)
        await self._tidy()

    async def _tidy(self) -> None:
        """Cancel what is left over, as a new look finds it; what fails is tried again at the next occasion."""
        async with self._tidying:
            if not self._left_over():
                return
            try:
                await self._look()
                closed = await self._closed(self._left_over())
            except VenueError as error:
                _LOG.warning("aster: stops or targets may be left over: %s", error)
                return
            for order in closed:
                await self._cancel(order)

    async def _closed(self, guards: Collection[Order]) -> list[Order]:
        """Those whose position was closed by fills; an answer may leave a position out that is there."""
        fills = {
            name: await self._trading.fills_of(name, min(guard.at for guard in guards if guard.instrument == name))
            for name in {guard.instrument for guard in guards}
        }
        closed = [guard for guard in guards if is_closed_by(fills[guard.instrument], guard)]
        for guard in guards:
            if guard not in closed:
                _LOG.warning("aster: %s stays: no fill has closed its position, %s", guard.client_order_id, _UNTOLD)
        return closed

    async def _look(self) -> None:
        """Ask for orders first: a position that is gone after that has no use for any of them."""
        self._note_orders(await self._trading.open_orders())
        self._note_positions(await self._trading.positions())

    async def _cancel(self, order: Order) -> None:
        try:
            await self._trading.cancel(order.client_order_id)
        except (VenueError, LedgerError) as error:  # what was sent by another process is asked of the ledger
            name = order.client_order_id
            _LOG.error("aster: the %s %s is left over in %s: %s", _kind(name), name, order.instrument, error)
        else:
            self._known().pop(order.client_order_id, None)

    def _left_over(self) -> list[Order]:
        """The stops and targets whose position, on the side that they reduce, is not known to be there."""
        held = self._held
        return [order for order in self._known().values() if held.get(order.instrument) is not order.side.opposite]

    def _known(self) -> dict[str, Order]:
        return {} if self._guards is None else self._guards

    def _note_orders(self, told: Iterable[Order]) -> None:
        self._guards = {order.client_order_id: order for order in told if is_protective(order)}

    def _note_guards(self, placed: Iterable[Order]) -> None:
        working = {order.client_order_id: order for order in placed if not order.state.is_final}
        self._guards = {**self._known(), **working}

    def _note_positions(self, told: Iterable[Position]) -> None:
        self._held = {position.instrument: position.side for position in told}


def _kind(name: str) -> str:
    return "stop" if name.endswith(STOP_SUFFIX) else "target"


def _leg(name: str, barriers: Barriers) -> Barriers:
    """The barrier that an order stands for, alone."""
    return Barriers(stop=barriers.stop) if name.endswith(STOP_SUFFIX) else Barriers(target=barriers.target)


def _tell_failure(name: str, entry: OrderIntent, filled: Decimal, error: VenueError) -> None:
    held = f"{entry.side} {filled:f} {entry.instrument}"
    _LOG.error("aster: the position of %s (%s) has no %s at the venue: %s", entry.account, held, _kind(name), error)
