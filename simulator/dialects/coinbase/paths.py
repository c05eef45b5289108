"""Coinbase's paths."""

import json
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from simulator.dialects.base import Refused, answer
from simulator.dialects.coinbase.changing import Changing
from simulator.dialects.coinbase.convert import Convert
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.door import Unauthorised
from simulator.dialects.coinbase.history import History
from simulator.dialects.coinbase.money import Money
from simulator.dialects.coinbase.older import Older
from simulator.dialects.coinbase.ordering import Ordering
from simulator.dialects.coinbase.public import Public
from simulator.dialects.coinbase.rates import PRIVATE, PUBLIC, Rates
from simulator.dialects.coinbase.rules import Rejected, wrong
from simulator.dialects.coinbase.stream import Stream
from simulator.exchange import Exchange

_Answers = Callable[[Request], Awaitable[object]]
_ROOT = "/api/v3/brokerage"
_TOO_MANY = {"errors": [{"id": "rate_limit_exceeded", "message": "too many requests"}]}
_WORDS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


def serve(exchange: Exchange) -> Starlette:
    """Return the application that answers at /api/v3/brokerage and streams at /ws."""
    customers = Customers(exchange)
    desk = _Desk(customers, Rates(exchange.clock))
    told = {path: partial(desk.tell, call) for path, call in _public(customers).items()}
    asked = {path: partial(desk.ask, call) for path, call in _private(customers).items()}
    routes = [Route(path, call, methods=[method]) for (method, path), call in {**told, **asked}.items()]
    return Starlette(routes=[*routes, WebSocketRoute("/ws", Stream(customers).serve)])


def failure(status: int) -> bytes:
    """Return Coinbase's body of an HTTP error."""
    if status == 429:
        return json.dumps(_TOO_MANY).encode()
    word = _WORDS.get(status, "UNAVAILABLE" if status == 503 else "INTERNAL")
    return json.dumps({"error": word, "error_details": "", "message": f"HTTP {status}"}).encode()


class _Desk:
    """Counts who asks how much, and gives the answers their form."""

    def __init__(self, customers: Customers, rates: Rates) -> None:
        self._customers = customers
        self._rates = rates

    async def tell(self, call: _Answers, request: Request) -> Response:
        """Answer anybody."""
        interface = _ROOT if request.url.path.startswith(_ROOT) else "older"
        return await self._counted(call, request, f"everybody at {interface}", PUBLIC)

    async def ask(self, call: _Answers, request: Request) -> Response:
        """Answer who has signed."""
        try:
            account = request.state.account = await self._customers.door.open(request)
        except Unauthorised:
            return PlainTextResponse("Unauthorized", 401)
        return await self._counted(call, request, f"account {account.name}", PRIVATE)

    async def _counted(self, call: _Answers, request: Request, who: str, limit: int) -> Response:
        is_allowed, headers = self._rates.count(who, limit)
        if not is_allowed:
            return answer(_TOO_MANY, 429, {**headers, "Retry-After": "1"})
        try:
            return answer(await call(request), headers=headers)
        except Rejected as rejected:
            told = wrong(400, "FAILED_PRECONDITION", rejected.word)
        except Refused as refused:
            told = refused
        return answer(told.body, told.status, headers)


def _public(customers: Customers) -> dict[tuple[str, str], _Answers]:
    public, older = Public(customers), Older(customers)
    paths: dict[str, _Answers] = {
        f"{_ROOT}/time": public.time,
        **{f"{_ROOT}/market{path}": call for path, call in _market(public).items()},
        "/v2/time": older.time,
        "/v2/currencies": older.currencies,
        "/v2/currencies/crypto": older.coins,
        "/v2/exchange-rates": older.rates,
    }
    return {("GET", path): call for path, call in paths.items()}


def _private(customers: Customers) -> dict[tuple[str, str], _Answers]:
    public, money, convert = Public(customers), Money(customers), Convert(customers)
    ordering, changing, history = Ordering(customers), Changing(customers), History(customers)
    gets: dict[str, _Answers] = {
        **_market(public),
        "/best_bid_ask": public.best,
        "/accounts": money.accounts,
        "/accounts/{account}": money.account,
        "/transaction_summary": money.summary,
        "/key_permissions": money.permissions,
        "/portfolios": money.portfolios,
        "/orders/historical/batch": history.orders,
        "/orders/historical/fills": history.fills,
        "/orders/historical/{order}": history.order,
        "/convert/trade/{trade}": convert.read,
    }
    posts: dict[str, _Answers] = {
        "/orders": ordering.create,
        "/orders/preview": ordering.preview,
        "/orders/close_position": ordering.close,
        "/orders/edit": changing.edit,
        "/orders/edit_preview": changing.preview,
        "/orders/batch_cancel": changing.cancel,
        "/convert/quote": convert.quote,
        "/convert/trade/{trade}": convert.commit,
    }
    return {
        **{("GET", f"{_ROOT}{path}"): call for path, call in gets.items()},
        **{("POST", f"{_ROOT}{path}"): call for path, call in posts.items()},
        ("GET", "/v2/accounts"): Older(customers).accounts,
    }


def _market(public: Public) -> dict[str, _Answers]:
    """What is told to everybody under /market, and to customers without it."""
    return {
        "/products": public.products,
        "/products/{product}": public.product,
        "/products/{product}/candles": public.candles,
        "/products/{product}/ticker": public.ticker,
        "/product_book": public.book,
    }
