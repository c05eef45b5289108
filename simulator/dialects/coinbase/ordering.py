"""Takes orders as Coinbase does: a refusal is a success of HTTP, and an id that was used gives its first order."""

from decimal import Decimal

from starlette.requests import Request

from desk.model.books import Quote
from desk.model.instrument import Side
from desk.model.orders import Barriers
from simulator.account import Account
from simulator.dialects.coinbase.asking import Body, body_in, read_order, words_in
from simulator.dialects.coinbase.brackets import listed, order_of, origin_of, told_number
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.listing import Product
from simulator.dialects.coinbase.rules import TAKER, UNSAID, Rejected, order_id, text
from simulator.dialects.coinbase.sent import Sent, sent_of
from simulator.dialects.coinbase.telling import Told, client_id_of, tell_costs
from simulator.reasons import Reason
from simulator.records import Ask, EventKind, PlacedOrder, Role

_BRACKET = "trigger_bracket_"


class Ordering:
    """The paths that make orders."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def create(self, request: Request) -> object:
        """POST /orders."""
        account, body = await self._customers.enter(request), await body_in(request)
        return await self._created(account, body)

    async def close(self, request: Request) -> object:
        """POST /orders/close_position: sells what is held, or as much of it as is said."""
        account, body = await self._customers.enter(request), await body_in(request)
        product = await self._customers.product(words_in(body, "product_id"))
        size = body.get("size") or text(account.book.held(product.instrument.name))
        configuration = {"market_market_ioc": {"base_size": size}}
        return await self._created(account, {**body, "side": "SELL", "order_configuration": configuration})

    async def preview(self, request: Request) -> object:
        """POST /orders/preview."""
        account, body = await self._customers.enter(request), await body_in(request)
        product = await self._customers.product(words_in(body, "product_id"))
        quote = await self._customers.quote(product)
        try:
            ask, _ = await self._read(account, body)
            if reason := await self._customers.exchange.judge(account, ask):
                raise Rejected.because(reason)
        except Rejected as rejected:
            return {**tell_costs(Decimal(0), Decimal(0), quote), "errs": [rejected.preview_word or rejected.word]}
        price = ask.price or quote.price_for(ask.side)
        return {**tell_costs(ask.quantity, price, quote), "preview_id": f"preview-{account.next_id}"}

    async def _created(self, account: Account, body: Body) -> Told:
        earlier = account.known_as(words_in(body, "client_order_id"))
        if earlier is not None:
            return _accepted(account, earlier)
        try:
            ask, sent = await self._read(account, body)
            place = self._guard if sent.kind.startswith(_BRACKET) else self._submit
            return _accepted(account, await place(account, ask))
        except Rejected as rejected:
            return _refused(rejected, body)

    async def _read(self, account: Account, body: Body) -> tuple[Ask, Sent]:
        """Return an order that the wallets can pay."""
        product = (await self._customers.products()).get(words_in(body, "product_id"))
        if product is None:
            raise Rejected("INVALID_PRODUCT_ID")
        quote = await self._customers.quote(product)
        ask, sent = read_order(body, product, quote)
        currency, needed = _needed(ask, sent, product, quote)
        if needed > self._customers.wallets(account).free(account, currency):
            raise Rejected.because(Reason.FUNDS)
        return ask, sent

    async def _submit(self, account: Account, ask: Ask) -> PlacedOrder:
        event = (await self._customers.exchange.submit(account, ask))[0]
        if event.kind is EventKind.REJECTED and event.reason is not None:
            raise Rejected.because(event.reason)
        assert event.order is not None, f"event {event.id} has no order"
        return account.orders[event.order.number]

    async def _guard(self, account: Account, ask: Ask) -> PlacedOrder:
        """Guard a position; the exchange guards all of it or nothing."""
        held = account.book.held(ask.instrument)
        if ask.quantity != held:
            raise Rejected("UNSUPPORTED_ORDER_CONFIGURATION")
        events = await self._customers.exchange.set_barriers(account, ask.instrument, ask.barriers, ask=ask)
        stop = next(event.order for event in events if event.order is not None and event.order.role is Role.STOP)
        return account.orders[stop.number]


def _needed(ask: Ask, sent: Sent, product: Product, quote: Quote) -> tuple[str, Decimal]:
    """Return the currency that an order gives away, and how much of it at most."""
    if ask.side is Side.SELL:
        return product.instrument.base, ask.quantity
    price = sent.worst or quote.ask
    return product.quote, sent.in_quote or ask.quantity * price * (1 + TAKER)


def _accepted(account: Account, placed: PlacedOrder) -> Told:
    placed = order_of(account, told_number(placed)) or placed
    sent, name = sent_of(account, placed), order_id(account, placed.number)
    told: Told = {
        "order_id": name,
        "product_id": sent.product,
        "side": placed.intent.side.name,
        "client_order_id": client_id_of(account, placed),
        "attached_order_id": _attached_id(account, placed),
    }
    return {
        "success": True,
        "failure_reason": UNSAID,
        "order_id": name,
        "success_response": told,
        "order_configuration": {sent.kind: sent.settings},
    }


def _attached_id(account: Account, placed: PlacedOrder) -> str:
    """Return the bracket that the order has brought, empty where there is none yet."""
    if placed.intent.barriers == Barriers():
        return ""
    brackets = (
        one for one in listed(account) if (origin := origin_of(account, one)) and origin.number == placed.number
    )
    return next((order_id(account, one.number) for one in brackets), "")


def _refused(rejected: Rejected, body: Body) -> Told:
    message = (rejected.preview_word or rejected.word).replace("_", " ").capitalize()
    told: Told = {
        "error": rejected.word,
        "message": message,
        "error_details": "",
        "preview_failure_reason": rejected.preview_word or "UNKNOWN_PREVIEW_FAILURE_REASON",
        "new_order_failure_reason": rejected.word,
    }
    return {
        "success": False,
        "failure_reason": UNSAID,
        "order_id": "",
        "error_response": told,
        "order_configuration": body["order_configuration"],
    }
