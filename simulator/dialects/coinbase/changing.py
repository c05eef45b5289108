"""Changes orders at Coinbase: a new price and size, and the end of them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from starlette.requests import Request

from desk.model.orders import OrderState
from simulator.account import Account
from simulator.dialects.coinbase.asking import body_in, number, words_in
from simulator.dialects.coinbase.brackets import order_of, target_of
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.rules import invalid, not_found, number_of, stamp, text
from simulator.dialects.coinbase.sent import Sent, sent_of
from simulator.dialects.coinbase.telling import tell_costs
from simulator.dialects.coinbase.wallets import held_by
from simulator.records import PlacedOrder

_MOST_CANCELS = 100
_NOT_SAID = "UNKNOWN_CANCEL_FAILURE_REASON"
_EDITABLE = "limit_limit_gtc"


class Changing:
    """The paths that change orders."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def edit(self, request: Request) -> object:
        """POST /orders/edit: both numbers are needed."""
        account, body = await self._customers.enter(request), await body_in(request)
        name, price, size = (
            words_in(body, "order_id"),
            number(body.get("price"), "price"),
            number(body.get("size"), "size"),
        )
        placed = order_of(account, number_of(account, name))
        word = await self._problem(account, placed, price, size)
        if placed is not None and not word:
            sent = _resized(sent_of(account, placed), price, size)
            edit = {"price": text(price), "size": text(size), "replace_accept_timestamp": stamp(self._now())}
            details = {"sent": sent, "edits": (*_edits(placed), edit)}
            await self._customers.exchange.amend(account, placed.number, price=price, quantity=size, details=details)
        failures = [{"edit_failure_reason": word}] if word else []
        return {"success": not word, "errors": failures, "response": {"order_id": name}}

    async def preview(self, request: Request) -> object:
        """POST /orders/edit_preview."""
        account, body = await self._customers.enter(request), await body_in(request)
        price, size = number(body.get("price"), "price"), number(body.get("size"), "size")
        placed = order_of(account, number_of(account, words_in(body, "order_id")))
        if placed is None:
            raise not_found("order")
        word = await self._problem(account, placed, price, size)
        product = await self._customers.product(sent_of(account, placed).product)
        told = tell_costs(size, price, await self._customers.quote(product))
        return {"errors": [{"edit_failure_reason": word}] if word else [], **told}

    async def cancel(self, request: Request) -> object:
        """POST /orders/batch_cancel: each order has an outcome of its own."""
        account, body = await self._customers.enter(request), await body_in(request)
        names = body.get("order_ids")
        if not isinstance(names, list) or not 0 < len(names) <= _MOST_CANCELS:
            raise invalid(f"order_ids needs 1 to {_MOST_CANCELS} ids")
        results, seen = [], set[str]()
        for name in map(str, names):
            word = "DUPLICATE_CANCEL_REQUEST" if name in seen else await self._cancel(account, name)
            seen.add(name)
            # Where it succeeds, the venue gives the default of the field for a reason.
            results.append({"success": not word, "failure_reason": word or _NOT_SAID, "order_id": name})
        return {"results": results}

    async def _cancel(self, account: Account, name: str) -> str:
        """Cancel an order, with both halves of a bracket, and return why not, empty where it was."""
        placed = order_of(account, number_of(account, name))
        if placed is None:
            return "UNKNOWN_CANCEL_ORDER"
        if not placed.is_working:
            return "ORDER_IS_FULLY_FILLED" if placed.order.state is OrderState.FILLED else "INVALID_CANCEL_REQUEST"
        target = target_of(account, placed)
        for one in (placed,) if target is None else (target, placed):
            await self._customers.exchange.cancel(account, one.number)
        return ""

    async def _problem(self, account: Account, placed: PlacedOrder | None, price: Decimal, size: Decimal) -> str:
        """Return why an order cannot be edited, empty where it can."""
        if placed is None:
            return "ORDER_NOT_FOUND"
        sent = sent_of(account, placed)
        if sent.kind != _EDITABLE:
            return "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
        if not placed.is_working:
            return "COMMANDER_REJECTED_EDIT_ORDER"
        if size <= placed.order.filled_quantity:
            return "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"
        instrument = (await self._customers.product(sent.product)).instrument
        if price <= 0 or instrument.round_price(price) != price:
            return "INVALID_EDITED_PRICE"
        if instrument.round_quantity(size) != size or not self._can_pay(account, placed, price, size):
            return "INVALID_EDITED_SIZE"
        return ""

    def _can_pay(self, account: Account, placed: PlacedOrder, price: Decimal, size: Decimal) -> bool:
        """Whether the wallets carry what the order would keep back instead of what it does."""
        currency, before = held_by(account, placed)
        sent = _resized(sent_of(account, placed), price, size)
        changed = replace(placed, order=replace(placed.order, quantity=size), details={"sent": sent})
        _, after = held_by(account, changed)
        return after - before <= self._customers.wallets(account).free(account, currency)

    def _now(self) -> datetime:
        return self._customers.exchange.clock.now()


def _edits(placed: PlacedOrder) -> tuple[object, ...]:
    edits = placed.details.get("edits", ())
    return edits if isinstance(edits, tuple) else ()


def _resized(sent: Sent, price: Decimal, size: Decimal) -> Sent:
    settings = {**sent.settings, "limit_price": text(price), "base_size": text(size)}
    return replace(sent, settings=settings, worst=price)
