"""Futures orders and fills at KuCoin."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.base import Refused, is_told
from simulator.dialects.kucoin_common.call import Call, Form
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import FUTURES
from simulator.dialects.kucoin_common.spelling import milliseconds
from simulator.dialects.kucoin_futures.contracts import contract_of
from simulator.dialects.kucoin_futures.ordering import CODE, read_order
from simulator.dialects.kucoin_futures.rules import MOST_WORKING, order_id, refused, symbol_of
from simulator.dialects.kucoin_futures.settings import Settings
from simulator.dialects.kucoin_futures.telling import Told, stop_of, tell_fill, tell_order
from simulator.records import Ask, EventKind, PlacedOrder

_DAY = timedelta(days=1)
_LONGEST_SPAN = 7 * 24 * 3_600_000
_LONGEST_PAGE = 1_000
_BARRIERS = ("triggerStopUpPrice", "triggerStopDownPrice")
_GONE = "error.getOrder.orderNotExist"


class Orders:
    """The paths of orders and fills."""

    def __init__(self, customers: Customers, settings: Settings) -> None:
        self._customers = customers
        self._exchange = customers.exchange
        self._settings = settings

    def paths(self) -> Paths:
        """Return what is served."""
        calls = {
            ("POST", "v1/orders"): self.place,
            ("POST", "v1/orders/test"): self.test,
            ("POST", "v1/orders/multi"): self.place_many,
            ("POST", "v1/st-orders"): self.place_guarded,
            ("GET", "v1/orders"): self.orders,
            ("GET", "v1/orders/byClientOid"): self.order,
            ("GET", "v1/orders/{orderId}"): self.order,
            ("GET", "v1/stopOrders"): self.stops,
            ("GET", "v1/recentDoneOrders"): self.recent,
            ("GET", "v1/fills"): self.fills,
            ("GET", "v1/recentFills"): self.recent_fills,
            ("DELETE", "v1/orders"): self.cancel_all,
            ("DELETE", "v3/orders"): self.cancel_all,
            ("DELETE", "v1/stopOrders"): self.cancel_stops,
            ("DELETE", "v1/orders/client-order/{clientOid}"): self.cancel,
            ("DELETE", "v1/orders/{orderId}"): self.cancel,
        }
        return {path: Priced(call, FUTURES) for path, call in calls.items()}

    async def place(self, call: Call) -> object:
        account = await self._customers.enter(call, permission="Futures")
        form = _plain(call.form())
        return _accepted(await self._place(account, await self._read(account, form)))

    async def place_guarded(self, call: Call) -> object:
        """Take an order with a stop, a target or both for the position that it opens."""
        account = await self._customers.enter(call, permission="Futures")
        form = Form(call.form().fields, CODE)
        if not any(form.has(name) for name in _BARRIERS):
            raise form.invalid(_BARRIERS[0])
        form.chosen("stopPriceType", ("TP", "IP", "MP"))
        return _accepted(await self._place(account, await self._read(account, form)))

    async def test(self, call: Call) -> object:
        """Judge an order by every rule and leave it at that."""
        account = await self._customers.enter(call, permission="Futures")
        ask = await self._read(account, _plain(call.form()))
        reason = await self._exchange.judge(account, ask)
        if reason is not None:
            raise refused(reason)
        return {"orderId": order_id(account.next_id), "clientOid": ask.client_id}

    async def place_many(self, call: Call) -> object:
        account = await self._customers.enter(call, permission="Futures")
        if not isinstance(call.sent, list) or not all(isinstance(one, dict) for one in call.sent):
            raise wrong(CODE)
        return [await self._try(account, _plain(Form(one))) for one in call.sent]

    async def order(self, call: Call) -> object:
        account = await self._customers.enter(call)
        placed = _find(account, call)
        if placed is None or not is_told(call.request, placed):
            raise wrong(CODE, _GONE)
        return await self._tell(placed)

    async def orders(self, call: Call) -> object:
        """Finished orders, or those at work; finished ones where nothing is said."""
        account = await self._customers.enter(call)
        status = call.get("status") or "done"
        if status not in ("active", "done"):
            raise wrong(CODE, "status is invalid")
        found = [one for one in account.orders.values() if one.is_working is (status == "active")]
        plain = [one for one in found if status == "done" or not stop_of(one)]
        return await self._page_of_orders(call, plain)

    async def stops(self, call: Call) -> object:
        """Orders that wait for a price, those that guard a position among them."""
        account = await self._customers.enter(call)
        return await self._page_of_orders(call, [one for one in account.working if stop_of(one)])

    async def recent(self, call: Call) -> object:
        account, now = await self._customers.enter(call), self._exchange.clock.now()
        done = [one for one in account.orders.values() if not one.is_working and now - one.order.at <= _DAY]
        return [await self._tell(one) for one in _newest_first(call, done)]

    async def fills(self, call: Call) -> object:
        account = await self._customers.enter(call)
        return _page(call, await self._told_fills(call, account))

    async def recent_fills(self, call: Call) -> object:
        return await self._told_fills(call, await self._customers.enter(call))

    async def cancel(self, call: Call) -> object:
        """Answer, and cancel a moment later."""
        account = await self._customers.enter(call, permission="Futures")
        placed = _find(account, call)
        if placed is None or not placed.is_working:
            raise wrong("100004")
        self._customers.cancel_soon(account, placed.number)
        if "clientOid" in call.request.path_params:
            return {"clientOid": placed.client_id}
        return {"cancelledOrderIds": [order_id(placed.number)]}

    async def cancel_all(self, call: Call) -> object:
        account = await self._customers.enter(call, permission="Futures")
        return self._cancel(account, _chosen(call, [one for one in account.working if not stop_of(one)]))

    async def cancel_stops(self, call: Call) -> object:
        account = await self._customers.enter(call, permission="Futures")
        return self._cancel(account, _chosen(call, [one for one in account.working if stop_of(one)]))

    def _cancel(self, account: Account, orders: Iterable[PlacedOrder]) -> object:
        numbers = [placed.number for placed in orders]
        for number in numbers:
            self._customers.cancel_soon(account, number)
        return {"cancelledOrderIds": [order_id(number) for number in numbers]}

    async def _read(self, account: Account, form: Form) -> Ask:
        instrument = await contract_of(self._customers, form.text("symbol"))
        quote = (await self._exchange.quotes([instrument.name])).get(instrument.name)
        mode = self._settings.of(account, instrument.name).mode
        return read_order(form, account, instrument, quote, mode=mode)

    async def _place(self, account: Account, ask: Ask) -> PlacedOrder:
        working = [one for one in account.working if one.intent.instrument == ask.instrument and not stop_of(one)]
        if len(working) >= MOST_WORKING:
            raise wrong("300001")
        first = (await self._exchange.submit(account, ask))[0]
        if first.kind is EventKind.REJECTED:
            raise refused(first.reason)
        assert first.order is not None, f"event {first.id} has no order"
        self._settings.of(account, ask.instrument).note(ask.details)
        return account.orders[first.order.number]

    async def _try(self, account: Account, form: Form) -> Told:
        named = {"clientOid": form.text("clientOid"), "symbol": form.text("symbol")}
        try:
            placed = await self._place(account, await self._read(account, form))
        except Refused as refusal:
            return {"orderId": None, **named, **refusal.body}
        return {"orderId": order_id(placed.number), **named, "code": "200000", "msg": "success"}

    async def _tell(self, placed: PlacedOrder) -> Told:
        return tell_order(await self._instrument(placed.intent.instrument), placed)

    async def _instrument(self, name: str) -> Instrument:
        return (await self._customers.instruments())[name]

    async def _page_of_orders(self, call: Call, orders: Sequence[PlacedOrder]) -> object:
        found = [one for one in _newest_first(call, orders) if self._is_within(call, milliseconds(one.created_at))]
        return _page(call, [await self._tell(one) for one in found])

    async def _told_fills(self, call: Call, account: Account) -> list[Told]:
        wanted, symbol = call.get("orderId"), call.get("symbol")
        found = [
            event
            for event in account.events[::-1]
            if event.kind is EventKind.FILLED and event.order is not None and is_told(call.request, event)
            if wanted in ("", order_id(event.order.number))
            if symbol in ("", symbol_of(event.order.intent.instrument))
            if call.get("side") in ("", event.order.intent.side.value)
            if wanted or self._is_within(call, milliseconds(event.at), is_bounded=True)
        ]
        return [
            tell_fill(await self._instrument(event.order.intent.instrument), event) for event in found if event.order
        ]

    def _is_within(self, call: Call, moment: int, *, is_bounded: bool = False) -> bool:
        """Whether something was in the span that was asked for; fills are told for seven days at a time."""
        begin, end = call.whole("startAt"), call.whole("endAt")
        last = milliseconds(self._exchange.clock.told()) if end is None else end
        first = begin if begin is not None else (last - _LONGEST_SPAN if is_bounded else 0)
        if is_bounded and last - first > _LONGEST_SPAN:
            raise wrong(CODE, "the time range is longer than 7 days")
        return first <= moment <= last


def _plain(form: Form) -> Form:
    """Return an order without the prices that only `/st-orders` reads."""
    return Form({name: value for name, value in form.fields.items() if name not in _BARRIERS}, CODE)


def _accepted(placed: PlacedOrder) -> Told:
    return {"orderId": order_id(placed.number), "clientOid": placed.client_id}


def _find(account: Account, call: Call) -> PlacedOrder | None:
    wanted = call.get("orderId")
    if not wanted:
        return account.known_as(call.get("clientOid"))
    return next((one for one in account.orders.values() if order_id(one.number) == wanted), None)


def _chosen(call: Call, orders: Iterable[PlacedOrder]) -> list[PlacedOrder]:
    """Return the orders of the contract and side that were asked for, as far as they are told of."""
    symbol, side = call.get("symbol"), call.get("side")
    found = [one for one in orders if symbol in ("", symbol_of(one.intent.instrument)) and is_told(call.request, one)]
    return [one for one in found if side in ("", one.intent.side.value)]


def _newest_first(call: Call, orders: Iterable[PlacedOrder]) -> list[PlacedOrder]:
    return sorted(_chosen(call, orders), key=lambda one: one.number, reverse=True)


def _page(call: Call, rows: Sequence[Told]) -> Told:
    number, size = call.whole("currentPage") or 1, call.whole("pageSize") or 50
    if size > _LONGEST_PAGE:
        raise wrong(CODE, "pageSize is invalid")
    total = -(-len(rows) // size)
    page = rows[(number - 1) * size : number * size]
    return {"currentPage": number, "pageSize": size, "totalNum": len(rows), "totalPage": total, "items": page}
