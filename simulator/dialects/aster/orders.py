"""Orders and fills at Aster."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from simulator.account import Account
from simulator.dialects.aster.customers import Customers
from simulator.dialects.aster.door import Call
from simulator.dialects.aster.ordering import find, place
from simulator.dialects.aster.rules import milliseconds, symbol_of, wrong
from simulator.dialects.aster.telling import tell_order, tell_trade
from simulator.dialects.base import is_told
from simulator.records import EventKind, PlacedOrder

_WEEK = timedelta(days=7)


class Orders:
    """The paths of orders and fills."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def place(self, call: Call) -> object:
        account = await self._customers.enter(call)
        placed = await place(self._customers.exchange, account, call, await self._customers.instrument(call))
        return tell_order(account, placed, acknowledged=call.get("newOrderRespType") != "RESULT")

    async def order(self, call: Call) -> object:
        account = await self._customers.enter(call)
        placed = find(account, call, await self._customers.instrument(call))
        if placed is None or not is_told(call.request, placed) or self._is_forgotten(placed):
            raise wrong(-2013)
        return tell_order(account, placed)

    async def open_order(self, call: Call) -> object:
        account = await self._customers.enter(call)
        placed = find(account, call, await self._customers.instrument(call))
        if placed is None or not placed.is_working or not is_told(call.request, placed):
            raise wrong(-2013)
        return tell_order(account, placed)

    async def open_orders(self, call: Call) -> object:
        account = await self._customers.enter(call)
        return [tell_order(account, one) for one in await self._chosen(account, call) if one.is_working]

    async def all_orders(self, call: Call) -> object:
        account, call_from = await self._customers.enter(call), call.whole("orderId") or 0
        call.required("symbol")
        chosen = [one for one in await self._chosen(account, call) if one.number >= call_from]
        limit = call.whole("limit") or 500
        return [tell_order(account, one) for one in chosen if not self._is_forgotten(one)][-limit:]

    async def trades(self, call: Call) -> object:
        account, instrument = await self._customers.enter(call), await self._customers.instrument(call)
        first, order = call.whole("fromId") or 0, call.whole("orderId")
        if call.whole("fromId") is not None and (call.get("startTime") or call.get("endTime")):
            raise wrong(-1102)
        fills = [
            event
            for event in account.events
            if event.kind is EventKind.FILLED and event.id >= first and is_told(call.request, event)
            if event.order is not None and event.order.intent.instrument == instrument.name
            if order in (None, event.order.number) and _is_within(call, event.at)
        ]
        limit = call.whole("limit") or 500
        page = fills[:limit] if call.get("fromId") or call.get("startTime") else fills[-limit:]
        return [tell_trade(event) for event in page]

    async def cancel(self, call: Call) -> object:
        account = await self._customers.enter(call)
        placed = find(account, call, await self._customers.instrument(call))
        if placed is None or await self._customers.exchange.cancel(account, placed.number) is None:
            raise wrong(-2011)
        return tell_order(account, account.orders[placed.number])

    async def cancel_all(self, call: Call) -> object:
        account, instrument = await self._customers.enter(call), await self._customers.instrument(call)
        await self._customers.cancel_in(account, instrument.name)
        return {"code": "200", "msg": "The operation of cancel all open order is done."}

    async def countdown(self, call: Call) -> object:
        """Arm the dead man's switch; 0 disarms it."""
        account, instrument = await self._customers.enter(call), await self._customers.instrument(call)
        duration = call.whole("countdownTime")
        if duration is None:
            raise wrong(-1102)
        deadlines = self._customers.deadlines.setdefault(account, {})
        deadlines.pop(instrument.name, None)
        if duration:
            deadlines[instrument.name] = self._customers.exchange.clock.now() + timedelta(milliseconds=duration)
        return {"symbol": symbol_of(instrument.name), "countdownTime": str(duration)}

    async def _chosen(self, account: Account, call: Call) -> Sequence[PlacedOrder]:
        name = (await self._customers.instrument(call)).name if call.get("symbol") else None
        return [
            one
            for one in account.orders.values()
            if name in (None, one.intent.instrument) and is_told(call.request, one) and _is_within(call, one.created_at)
        ]

    def _is_forgotten(self, placed: PlacedOrder) -> bool:
        """Whether an order ended without a fill so long ago that nobody remembers."""
        ended = not placed.is_working and not placed.order.filled_quantity
        return ended and self._customers.exchange.clock.now() - placed.order.at > _WEEK


def _is_within(call: Call, at: datetime) -> bool:
    moment, begin, end = milliseconds(at), call.whole("startTime"), call.whole("endTime")
    return (begin is None or moment >= begin) and (end is None or moment <= end)
