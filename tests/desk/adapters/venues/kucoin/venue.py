"""A scripted KuCoin behind httpx.MockTransport, and the adapter opened on it."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.opening import Connection, open_kucoin_futures, open_kucoin_spot
from desk.adapters.venues.kucoin.patience import Patience
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderType, TimeInForce

NOW = datetime(2024, 10, 18, 14, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
CREDENTIALS = KucoinCredentials(key="canary-key", secret="canary-secret", passphrase="canary-passphrase")
SHARED = Path(__file__).resolve().parents[6] / "shared" / "wire" / "kucoin" / "sdk_doc_examples"

HF = "/api/v1/hf/orders"


def recorded(name):
    """The data of a recorded reply, by group and name; a clone without the recordings skips its test."""
    group, _, call = name.partition(".")
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/wire")
    for path in SHARED.glob(f"{group}__*.json"):
        replies = json.loads(path.read_text(), parse_float=Decimal)
        if call in replies:
            return replies[call]["response"]["data"]
    raise LookupError(f"{SHARED} has no {name}")


def ok(data):
    return httpx.Response(200, text=dumps({"code": "200000", "data": data}))


def no(code, message="", status=200, **headers):
    return httpx.Response(status, text=dumps({"code": code, "msg": message}), headers=headers)


def dumps(value):
    """JSON in which a Decimal is a number, as the venue writes it."""
    numbers = []

    def number(decimal):
        numbers.append(str(decimal))
        return f"#{len(numbers) - 1}#"

    text = json.dumps(value, default=number)
    for index, digits in enumerate(numbers):
        text = text.replace(f'"#{index}#"', digits)
    return text


class Venue:
    """Answers by method and path, in turn, the last answer for ever; keeps every request."""

    def __init__(self):
        self.answers = defaultdict(list)
        self.requests = []
        self.on("GET", "/api/v1/timestamp", NOW_MS)
        self.on("GET", "/api/v1/status", {"status": "open", "msg": ""})

    def on(self, method, path, *answers):
        self.answers[method, path] = [
            answer if isinstance(answer, httpx.Response | Exception) or callable(answer) else ok(answer)
            for answer in answers
        ]
        return self

    def __call__(self, request):
        self.requests.append(request)
        answers = self.answers.get((request.method, request.url.path))
        assert answers, f"not scripted: {request.method} {request.url}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
            answer = answer if isinstance(answer, httpx.Response) else ok(answer)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def sent(self, method, path):
        return [request for request in self.requests if (request.method, request.url.path) == (method, path)]

    def queries(self, path):
        return [dict(request.url.params) for request in self.sent("GET", path)]

    def bodies(self, path):
        return [json.loads(request.content) for request in self.sent("POST", path)]


class Sleeper:
    def __init__(self):
        self.pauses = []

    async def __call__(self, seconds):
        self.pauses.append(seconds)


def connection(venue, clock=None):
    return Connection(
        clock=clock or FixedClock(NOW),
        environment="simulator",
        base_url="http://venue.test",
        transport=httpx.MockTransport(venue),
        retries=Retries(attempts=2, sleep=Sleeper(), jitter=lambda: 1.0),
        patience=Patience(pauses=(timedelta(seconds=1), timedelta(seconds=2)), sleep=Sleeper()),
    )


def spot_venue():
    """A venue with the recorded market BTC-USDT, and no orders."""
    venue = Venue()
    venue.on("GET", "/api/v2/symbols", recorded("spot.get_all_symbols"))
    venue.on("GET", "/api/v1/market/allTickers", recorded("spot.get_all_tickers"))
    venue.on("GET", f"{HF}/active/symbols", {"symbols": []})
    venue.on("GET", f"{HF}/active", [])
    venue.on("GET", f"{HF}/done", {"lastId": None, "items": []})
    venue.on("GET", "/api/v1/hf/fills", {"items": [], "lastId": None})
    venue.on("GET", f"{HF}/client-order/sd-1", None)
    return venue


def futures_venue():
    """A venue with the contracts XBTUSDTM and XBTUSDM (inverse), and no orders."""
    venue = Venue()
    venue.on("GET", "/api/v1/contracts/active", contracts())
    venue.on("GET", "/api/v1/allTickers", recorded("futures.get_all_tickers"))
    for path in ("orders", "stopOrders", "fills"):
        venue.on("GET", f"/api/v1/{path}", page())
    venue.on("GET", "/api/v1/orders/byClientOid", no("100001", "error.getOrder.orderNotExist"))
    return venue


def page(*items, number=1, of=1):
    return {"currentPage": number, "pageSize": 100, "totalNum": len(items), "totalPage": of, "items": list(items)}


def contracts():
    inverse = {"symbol": "XBTUSDM", "isInverse": True, "multiplier": -1, "settleCurrency": "XBT"}
    linear = recorded("futures.get_symbol")
    return [linear, {**linear, **inverse}]


def open_spot(venue, instruments=("BTC/USDT",), clock=None, **memory):
    return open_kucoin_spot(CREDENTIALS, connection(venue, clock), instruments=instruments, **memory)


def open_futures(venue, clock=None, **options):
    return open_kucoin_futures(CREDENTIALS, connection(venue, clock), **options)


def intent(instrument="BTC/USDT", quantity="0.00001", side=Side.BUY, **changes):
    values = {
        "client_order_id": "sd-1",
        "account": "sample",
        "strategy": "constant",
        "instrument": instrument,
        "candle_close": NOW,
        "side": side,
        "type": OrderType.MARKET,
        "quantity": Decimal(quantity),
        "barriers": Barriers(),
        "time_in_force": TimeInForce.IOC,
    }
    return OrderIntent(**{**values, **changes})


def spot_order(**changes):
    """A market order for 0.00001 BTC, filled."""
    order = {**recorded("spot.get_order_by_client_oid"), "clientOid": "sd-1", "id": "V1", "type": "market"}
    return {**order, **changes}


def working(**changes):
    """The same, resting in the book with nothing filled."""
    return spot_order(type="limit", active=True, inOrderBook=True, dealSize="0", dealFunds="0", **changes)


def spot_fill(**changes):
    fill = recorded("spot.get_trade_history")["items"][0]
    return {**fill, "orderId": "V1", **changes}


def futures_order(**changes):
    """A market order for 2 lots, filled."""
    order = {**recorded("futures.get_order_by_client_oid"), "symbol": "XBTUSDTM", "clientOid": "sd-1", "id": "F1"}
    done = {"type": "market", "price": "0", "size": 2, "filledSize": 2, "isActive": False, "status": "done"}
    return {**order, **done, **changes}


def futures_fill(**changes):
    fill = recorded("futures.get_trade_history")["items"][0]
    return {**fill, "orderId": "F1", "size": 2, **changes}
