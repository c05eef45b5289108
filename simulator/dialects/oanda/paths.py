"""OANDA's paths."""

import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.dialects.base import Refused, answer_refused
from simulator.dialects.oanda.ordering import Ordering
from simulator.dialects.oanda.reading import Reading
from simulator.dialects.oanda.session import Sessions
from simulator.dialects.oanda.streaming import USUAL_PACE, Pace, Streaming
from simulator.exchange import Exchange

_Answers = Callable[[Request], Awaitable[Response]]


def serve(exchange: Exchange, pace: Pace = USUAL_PACE) -> Starlette:
    """Return the application that answers at /v3, streams included."""
    sessions = Sessions(exchange)
    reading, ordering, streaming = Reading(sessions), Ordering(sessions), Streaming(sessions, pace)
    account = "/v3/accounts/{account}"
    reads: dict[str, _Answers] = {
        "/v3/accounts": reading.accounts,
        "/v3/instruments/{instrument}/candles": reading.candles,
        account: reading.account,
        f"{account}/summary": reading.summary,
        f"{account}/changes": reading.changes,
        f"{account}/instruments": reading.instruments,
        f"{account}/instruments/{{instrument}}/candles": reading.candles,
        f"{account}/candles/latest": reading.latest_candles,
        f"{account}/pricing": reading.pricing,
        f"{account}/pricing/stream": streaming.prices,
        f"{account}/orders": reading.orders,
        f"{account}/pendingOrders": reading.pending,
        f"{account}/orders/{{order}}": reading.order,
        f"{account}/trades": reading.trades,
        f"{account}/openTrades": reading.open_trades,
        f"{account}/trades/{{trade}}": reading.trade,
        f"{account}/positions": reading.positions,
        f"{account}/openPositions": reading.open_positions,
        f"{account}/positions/{{instrument}}": reading.position,
        f"{account}/transactions": reading.transactions,
        f"{account}/transactions/idrange": reading.id_range,
        f"{account}/transactions/sinceid": reading.since_id,
        f"{account}/transactions/stream": streaming.transactions,
        f"{account}/transactions/{{transaction}}": reading.transaction,
    }
    writes: dict[str, _Answers] = {
        f"{account}/orders/{{order}}": ordering.replace,
        f"{account}/orders/{{order}}/cancel": ordering.cancel,
        f"{account}/positions/{{instrument}}/close": ordering.close_position,
        f"{account}/trades/{{trade}}/close": ordering.close_trade,
        f"{account}/trades/{{trade}}/orders": ordering.guard_trade,
    }
    routes = [
        *(Route(path, answers, methods=["GET"]) for path, answers in reads.items()),
        Route(f"{account}/orders", ordering.create, methods=["POST"]),
        *(Route(path, answers, methods=["PUT"]) for path, answers in writes.items()),
    ]
    return Starlette(routes=routes, exception_handlers={Refused: answer_refused}, middleware=[Middleware(_RequestIds)])


def failure(status: int) -> bytes:
    """Return OANDA's body of an HTTP error."""
    return json.dumps({"errorMessage": f"The request failed with status {status}"}).encode()


class _RequestIds:
    """Gives every reply a RequestID."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._count += 1
        name = str(42_000_000_000_000_000 + self._count).encode()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"requestid", name)]
            await send(message)

        await self._app(scope, receive, sent)
