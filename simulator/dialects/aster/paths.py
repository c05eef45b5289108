"""Aster's paths, in whichever version of the API they are asked for, and what they weigh."""

import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from desk.model.timeframe import Timeframe
from simulator.dialects.aster.channels import Channels
from simulator.dialects.aster.customers import Customers
from simulator.dialects.aster.door import Call, read_call
from simulator.dialects.aster.listening import ListenKeys
from simulator.dialects.aster.money import Money
from simulator.dialects.aster.orders import Orders
from simulator.dialects.aster.public import WEIGHT_A_MINUTE, Public
from simulator.dialects.aster.rules import MESSAGES
from simulator.dialects.aster.streams import Streams
from simulator.dialects.base import Refused, answer, answer_refused
from simulator.exchange import Exchange

_Answers = Callable[[Call], Awaitable[object]]


def serve(exchange: Exchange) -> Starlette:
    """Return the application that answers at /fapi, /ws and /stream."""
    return _Paths(exchange).app()


def failure(status: int) -> bytes:
    """Return Aster's body of an HTTP error."""
    if status in (418, 429):
        return json.dumps({"code": -1003, "msg": MESSAGES[-1003]}).encode()
    return json.dumps({"code": -1000, "msg": f"HTTP {status}"}).encode()


class _Paths:
    def __init__(self, exchange: Exchange) -> None:
        self._clock = exchange.clock
        self._customers = Customers(exchange)
        self._minute = exchange.clock.told()
        self._weight = self._orders = 0

    def app(self) -> Starlette:
        public, money, orders = Public(self._customers), Money(self._customers), Orders(self._customers)
        keys = ListenKeys(self._customers)
        gets = _reads(public, money, orders)
        posts: dict[str, tuple[_Answers, int]] = {
            "order": (orders.place, 1),
            "leverage": (money.leverage, 1),
            "marginType": (money.margin_type, 1),
            "countdownCancelAll": (orders.countdown, 10),
            "listenKey": (keys.make, 1),
        }
        puts: dict[str, tuple[_Answers, int]] = {"listenKey": (keys.keep, 1)}
        deletes: dict[str, tuple[_Answers, int]] = {
            "order": (orders.cancel, 1),
            "allOpenOrders": (orders.cancel_all, 1),
            "listenKey": (keys.drop, 1),
        }
        routes: list[BaseRoute] = [
            Route(f"/fapi/v{{version:int}}/{name}", self._counted(call, weight), methods=[method])
            for method, paths in (("GET", gets), ("POST", posts), ("PUT", puts), ("DELETE", deletes))
            for name, (call, weight) in paths.items()
        ]
        routes.append(Route("/api/v{version:int}/exchangeInfo", self._counted(public.spot_info, 1)))
        routes += Streams(Channels(self._customers, public, keys), self._clock).routes()
        return Starlette(routes=routes, exception_handlers={Refused: answer_refused})

    def _counted(self, call: _Answers, weight: int) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            self._count(weight, is_order=request.method == "POST" and request.url.path.endswith("/order"))
            headers = {
                "X-MBX-USED-WEIGHT-1M": str(self._weight),
                "X-MBX-ORDER-COUNT-1M": str(self._orders),
            }
            if self._weight > WEIGHT_A_MINUTE:
                return answer({"code": -1003, "msg": MESSAGES[-1003]}, 429, headers | {"Retry-After": "60"})
            try:
                return answer(await call(await read_call(request)), headers=headers)
            except Refused as refused:
                return answer(refused.body, refused.status, headers)

        return answered

    def _count(self, weight: int, *, is_order: bool) -> None:
        now = self._clock.told()
        minute = Timeframe.M1.floor(now)
        if minute != self._minute:
            self._minute, self._weight, self._orders = minute, 0, 0
        self._weight += weight
        self._orders += is_order


def _reads(public: Public, money: Money, orders: Orders) -> dict[str, tuple[_Answers, int]]:
    """Return what answers GET, with its weight, by endpoint."""
    return {
        "ping": (public.ping, 1),
        "time": (public.time, 1),
        "exchangeInfo": (public.info, 1),
        "klines": (public.klines, 5),
        "ticker/bookTicker": (public.book_ticker, 1),
        "ticker/price": (public.price_ticker, 1),
        "premiumIndex": (public.premium, 1),
        "fundingInfo": (public.funding_info, 1),
        "depth": (public.depth, 2),
        "account": (money.account, 5),
        "accountWithJoinMargin": (money.account, 5),
        "balance": (money.balance, 5),
        "positionRisk": (money.positions, 5),
        "order": (orders.order, 1),
        "openOrder": (orders.open_order, 1),
        "openOrders": (orders.open_orders, 1),
        "allOrders": (orders.all_orders, 5),
        "userTrades": (orders.trades, 5),
        "commissionRate": (money.commission, 20),
        "leverageBracket": (money.brackets, 1),
        "positionSide/dual": (money.dual, 30),
    }
