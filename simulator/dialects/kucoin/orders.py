"""Spot orders and fills at KuCoin."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.base import Refused, is_told
from simulator.dialects.kucoin.ordering import read_order
from simulator.dialects.kucoin.rules import MOST_WORKING, order_id, refused, symbol_of
from simulator.dialects.kucoin.telling import Told, tell_fill, tell_order, tell_outcome
from simulator.dialects.kucoin_common.call import Call, Form
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import SPOT
from simulator.dialects.kucoin_common.spelling import milliseconds
from simulator.records import Ask, EventKind, PlacedOrder

_Row = TypeVar("_Row")

_WEEK = timedelta(days=7)
_LONGEST_SPAN = 7 * 24 * 3_600_000
_MOST_AT_ONCE = 5
_LONGEST_PAGE = 100
_SHORT = ("orderId", "clientOid", "success", "failMsg")
_GONE = "order not exist"
_NOT_CANCELLABLE = "order_not_exist_or_not_allow_to_cancel"


class Orders:
    """The paths of the high-frequency account."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._exchange = customers.exchange

    def paths(self) -> Paths:
        """Return what is served."""
        calls = {
            ("POST", ""): self.place,
            ("POST", "/sync"): self.place_and_wait,
            ("POST", "/test"): self.test,
            ("POST", "/multi"): self.place_many,
            ("POST", "/multi/sync"): self.place_many_and_wait,
            ("POST", "/alter"): self.alter,
            ("GET", "/active"): self.active,
            ("GET", "/active/page"): self.active_page,
            ("GET", "/active/symbols"): self.active_symbols,
            ("GET", "/done"): self.done,
            ("GET", "/client-order/{clientOid}"): self.order,
            ("GET", "/{orderId}"): self.order,
            ("DELETE", ""): self.cancel_symbol,
            ("DELETE", "/cancelAll"): self.cancel_all,
            ("DELETE", "/client-order/{clientOid}"): self.cancel,
            ("DELETE", "/sync/client-order/{clientOid}"): self.cancel_and_wait,
            ("DELETE", "/sync/{orderId}"): self.cancel_and_wait,
            ("DELETE", "/{orderId}"): self.cancel,
        }
        paths = {(method, f"v1/hf/orders{path}"): Priced(call, SPOT) for (method, path), call in calls.items()}
        return {**paths, ("GET", "v1/hf/fills"): Priced(self.fills, SPOT)}

    async def place(self, call: Call) -> object:
        account = await self._customers.enter(call, permission="Spot")
        placed = await self._place(account, await self._read(call.form()))
        return {"orderId": order_id(placed.number), "clientOid": placed.client_id or None}

    async def place_and_wait(self, call: Call) -> object:
        account = await self._customers.enter(call, permission="Spot")
        return tell_outcome(account, await self._place(account, await self._read(call.form())))

    async def test(self, call: Call) -> object:
        """Judge an order by every rule and leave it at that."""
        account = await self._customers.enter(call, permission="Spot")
        ask = await self._read(call.form())
        reason = await self._exchange.judge(account, ask)
        if reason is not None:
            raise refused(reason)
        return {"orderId": order_id(account.next_id), "clientOid": ask.client_id or None}

    async def place_many(self, call: Call) -> object:
        return [{name: told[name] for name in told if name in _SHORT} for told in await self._place_many(call)]

    async def place_many_and_wait(self, call: Call) -> object:
        return await self._place_many(call)

    async def alter(self, call: Call) -> object:
        """Put an order with the same client's id in the place of another."""
        account, form = await self._customers.enter(call, permission="Spot"), call.form()
        found = self._numbered(account, form.text("orderId")) or account.known_as(form.text("clientOid"))
        if found is None or await self._exchange.cancel(account, found.number) is None:
            raise wrong("400100", _GONE)
        intent, asked = found.intent, {**found.details, "symbol": symbol_of(found.intent.instrument)}
        asked |= {"side": intent.side.value, "clientOid": found.client_id}
        asked["price"] = form.number("newPrice") if form.has("newPrice") else intent.price
        asked["size"] = form.number("newSize") if form.has("newSize") else intent.quantity - found.order.filled_quantity
        placed = await self._place(account, await self._read(Form(asked)))
        return {"newOrderId": order_id(placed.number), "clientOid": placed.client_id or None}

    async def order(self, call: Call) -> object:
        account = await self._customers.enter(call)
        placed = self._find(account, call, await self._instrument(call.get("symbol")))
        if placed is None or not is_told(call.request, placed) or self._is_forgotten(placed):
            raise wrong("400100", _GONE)
        return tell_order(placed)

    async def active(self, call: Call) -> object:
        """Every open order of a symbol, the one that changed last first."""
        account, instrument = await self._customers.enter(call), await self._instrument(call.get("symbol"))
        found = [one for one in _told(call, account.working) if one.intent.instrument == instrument.name]
        return [tell_order(one) for one in sorted(found, key=lambda one: (one.order.at, one.number), reverse=True)]

    async def active_page(self, call: Call) -> object:
        rows = await self.active(call)
        assert isinstance(rows, list), "expected the list of open orders"
        number, size = call.whole("pageNum") or 1, call.whole("pageSize") or 20
        total = -(-len(rows) // size)
        page = rows[(number - 1) * size : number * size]
        return {"currentPage": number, "pageSize": size, "totalNum": len(rows), "totalPage": total, "items": page}

    async def active_symbols(self, call: Call) -> object:
        account = await self._customers.enter(call)
        return {"symbols": sorted({symbol_of(one.intent.instrument) for one in _told(call, account.working)})}

    async def done(self, call: Call) -> object:
        """Finished orders, the newest first, page by page into the past."""
        account, instrument = await self._customers.enter(call), await self._instrument(call.get("symbol"))
        found = [
            one
            for one in _told(call, account.orders.values())
            if not one.is_working and one.intent.instrument == instrument.name and self._is_chosen(call, one)
        ]
        page = _page(call, [(one.number, one) for one in found], default=20)
        return {"lastId": page[-1][0] if page else None, "items": [tell_order(one) for _, one in page]}

    async def fills(self, call: Call) -> object:
        account, instrument = await self._customers.enter(call), await self._instrument(call.get("symbol"))
        wanted = call.get("orderId")
        found = [
            (event.id, event)
            for event in account.events
            if event.kind is EventKind.FILLED and event.order is not None and is_told(call.request, event)
            if event.order.intent.instrument == instrument.name and wanted in ("", order_id(event.order.number))
            if wanted or self._is_within(call, milliseconds(event.at))
        ]
        page = _page(call, found, default=20)
        return {"items": [tell_fill(event) for _, event in page], "lastId": page[-1][0] if page else None}

    async def cancel(self, call: Call) -> object:
        """Answer, and cancel a moment later."""
        account, placed = await self._cancellable(call)
        self._customers.cancel_soon(account, placed.number)
        return _named(call, placed)

    async def cancel_and_wait(self, call: Call) -> object:
        account, placed = await self._cancellable(call)
        await self._exchange.cancel(account, placed.number)
        told = tell_outcome(account, account.orders[placed.number])
        sizes = ("originSize", "dealSize", "remainSize", "canceledSize", "status")
        return {**_named(call, placed), **{name: told[name] for name in sizes}}

    async def cancel_symbol(self, call: Call) -> object:
        account, instrument = await self._customers.enter(call), await self._instrument(call.get("symbol"))
        for placed in account.working:
            if placed.intent.instrument == instrument.name:
                self._customers.cancel_soon(account, placed.number)
        return "success"

    async def cancel_all(self, call: Call) -> object:
        account = await self._customers.enter(call)
        for placed in account.working:
            self._customers.cancel_soon(account, placed.number)
        symbols = sorted({symbol_of(placed.intent.instrument) for placed in account.working})
        return {"succeedSymbols": symbols, "failedSymbols": []}

    async def _read(self, form: Form) -> Ask:
        instrument = await self._instrument(form.text("symbol"))
        quote = (await self._exchange.quotes([instrument.name])).get(instrument.name)
        return read_order(form, instrument, quote, self._exchange.clock.now())

    async def _place(self, account: Account, ask: Ask) -> PlacedOrder:
        working = [one for one in account.working if one.intent.instrument == ask.instrument]
        if len(working) >= MOST_WORKING:
            raise wrong("200003")
        first = (await self._exchange.submit(account, ask))[0]
        if first.kind is EventKind.REJECTED:
            raise refused(first.reason)
        assert first.order is not None, f"event {first.id} has no order"
        return account.orders[first.order.number]

    async def _place_many(self, call: Call) -> list[Told]:
        account = await self._customers.enter(call, permission="Spot")
        orders = call.form().fields.get("orderList")
        if not isinstance(orders, list) or not 0 < len(orders) <= _MOST_AT_ONCE:
            raise wrong("400100", "orderList is invalid")
        return [await self._try(account, Form(order)) for order in orders]

    async def _try(self, account: Account, form: Form) -> Told:
        try:
            placed = await self._place(account, await self._read(form))
        except Refused as refusal:
            return {"success": False, "failMsg": refusal.body["msg"]}
        return {**tell_outcome(account, placed), "success": True}

    async def _instrument(self, symbol: str) -> Instrument:
        for name, instrument in (await self._customers.instruments()).items():
            if symbol_of(name) == symbol:
                return instrument
        raise wrong("900001")

    async def _cancellable(self, call: Call) -> tuple[Account, PlacedOrder]:
        account = await self._customers.enter(call, permission="Spot")
        placed = self._find(account, call, await self._instrument(call.get("symbol")))
        if placed is None or not placed.is_working:
            raise wrong("400100", _NOT_CANCELLABLE)
        return account, placed

    def _find(self, account: Account, call: Call, instrument: Instrument) -> PlacedOrder | None:
        """Return the order that the path names; a client's id may stand in the query too, and is not looked at."""
        by_number = "orderId" in call.request.path_params
        found = self._numbered(account, call.get("orderId")) if by_number else account.known_as(call.get("clientOid"))
        return found if found is not None and found.intent.instrument == instrument.name else None

    def _numbered(self, account: Account, name: str) -> PlacedOrder | None:
        return next((one for one in account.orders.values() if order_id(one.number) == name), None)

    def _is_chosen(self, call: Call, placed: PlacedOrder) -> bool:
        same = call.get("side") in ("", placed.intent.side.value) and call.get("type") in ("", placed.details["type"])
        return same and not self._is_forgotten(placed) and self._is_within(call, milliseconds(placed.created_at))

    def _is_forgotten(self, placed: PlacedOrder) -> bool:
        """Finished orders are kept for a week."""
        return not placed.is_working and self._exchange.clock.now() - placed.order.at > _WEEK

    def _is_within(self, call: Call, moment: int) -> bool:
        """Whether something was in the span that was asked for; without one that is the last week."""
        begin, end = call.whole("startAt"), call.whole("endAt")
        last = milliseconds(self._exchange.clock.told()) if end is None else end
        first = last - _LONGEST_SPAN if begin is None else begin
        if last - first > _LONGEST_SPAN:
            raise wrong("400100", "the time range is longer than 7 days")
        return first <= moment <= last


def _told(call: Call, orders: Iterable[PlacedOrder]) -> list[PlacedOrder]:
    return [one for one in orders if is_told(call.request, one)]


def _named(call: Call, placed: PlacedOrder) -> Told:
    by_number = "orderId" in call.request.path_params
    return {"orderId": order_id(placed.number)} if by_number else {"clientOid": placed.client_id}


def _page(call: Call, rows: Sequence[tuple[int, _Row]], *, default: int) -> list[tuple[int, _Row]]:
    """Return the newest rows before `lastId`, the newest first."""
    before, limit = call.whole("lastId"), call.whole("limit") or default
    if limit > _LONGEST_PAGE:
        raise wrong("400100", "limit is invalid")
    newest_first = sorted(rows, key=lambda row: row[0], reverse=True)
    return [row for row in newest_first if not before or row[0] < before][:limit]
