"""A venue that answers by endpoint, and the replies of the venue's own documentation."""

from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import httpx
from pydantic import SecretStr

from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.aster.credentials import HmacCredentials, WalletCredentials
from desk.adapters.venues.aster.limits import CallLimits
from desk.adapters.venues.aster.lookup import Patience
from desk.adapters.venues.aster.open import open_aster
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderType

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
NOW_MS = 1_768_402_800_000
BTC = "BTC/USDT:USDT"
ETH = "ETH/USDT:USDT"
KEY = HmacCredentials(api_key=SecretStr("key-of-test"), api_secret=SecretStr("canary-secret"))
# The example of the venue's documentation; its address follows from it.
PRIVATE_KEY = "0x4fd0a42218f3eae43a6ce26d22544e986139a01e5b34a62db53757ffca81bae1"
SIGNER = "0x21cF8Ae13Bb72632562c6Fff438652Ba1a151bb0"
USER = "0x63DD5aCC6b1aa0f563956C0e534DD30B6dcF7C4e"
WALLET = WalletCredentials(private_key=SecretStr(PRIVATE_KEY), user=USER)


def symbol(name, *, base, status="TRADING", **changes):
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "556.80", "maxPrice": "4529764", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.002", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": "5"},
        {"filterType": "PERCENT_PRICE", "multiplierUp": "1.1500", "multiplierDown": "0.8500", "multiplierDecimal": 4},
    ]
    return {
        "symbol": name,
        "status": status,
        "contractType": "PERPETUAL",
        "maintMarginPercent": "2.5000",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "filters": filters,
        "OrderType": ["LIMIT", "MARKET"],
        **changes,
    }


EXCHANGE = {
    "rateLimits": [{"interval": "MINUTE", "intervalNum": 1, "limit": 2400, "rateLimitType": "REQUEST_WEIGHT"}],
    "symbols": [
        symbol("BTCUSDT", base="BTC"),
        symbol("ETHUSDT", base="ETH", status="SETTLING"),
        symbol("BTCUSDT_260327", base="BTC", contractType="CURRENT_QUARTER"),
    ],
}


def order(client_order_id="sd-1", *, status="FILLED", quantity="0.010", filled=None, **changes):
    """An answer to a market order, in the shape of the documentation."""
    filled = filled if filled is not None else (quantity if status == "FILLED" else "0")
    return {
        "clientOrderId": client_order_id,
        "cumQty": filled,
        "cumQuote": "0",
        "executedQty": filled,
        "orderId": 22542179,
        "avgPrice": "0.00000",
        "origQty": quantity,
        "price": "0",
        "reduceOnly": False,
        "side": "BUY",
        "positionSide": "BOTH",
        "status": status,
        "stopPrice": "0",
        "closePosition": False,
        "symbol": "BTCUSDT",
        "timeInForce": "GTC",
        "type": "MARKET",
        "origType": "MARKET",
        "updateTime": NOW_MS,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        **changes,
    }


def trade(number=698759, *, at=NOW_MS, **changes):
    return {
        "buyer": False,
        "commission": "-0.07819010",
        "commissionAsset": "USDT",
        "id": number,
        "maker": False,
        "orderId": 22542179,
        "price": "7819.01",
        "qty": "0.002",
        "quoteQty": "15.63802",
        "realizedPnl": "-0.91539999",
        "side": "BUY",
        "positionSide": "BOTH",
        "symbol": "BTCUSDT",
        "time": at,
        **changes,
    }


def error(code, message="no", *, status=400):
    return httpx.Response(status, json={"code": code, "msg": message})


NO_SUCH_ORDER = (-2013, "Order does not exist.")


class Ticking:
    """A clock that a test moves."""

    def __init__(self, at=NOW):
        self.at = at

    def now(self):
        return self.at

    def shown_at(self, wall):
        return wall


class Aster:
    """Answers each endpoint with what it was given, in turn, the last one for ever; remembers every request.

    An answer is JSON, a response, an exception, or a function of the request's parameters that gives one of these.
    """

    def __init__(self, **endpoints):
        self.clock = Ticking()
        self.pauses = []
        self.requests = []
        self.answers = {"time": deque([{"serverTime": NOW_MS}]), "exchangeInfo": deque([EXCHANGE])}
        for name, answers in endpoints.items():
            self.on(name, *answers)

    def on(self, endpoint, *answers):
        self.answers[endpoint] = deque(answers)
        return self

    async def sleep(self, seconds):
        self.pauses.append(seconds)

    def open(self, credentials=KEY, *, instruments=(BTC,), **options):
        return open_aster(
            credentials,
            options.pop("environment", "live"),
            clock=self.clock,
            instruments=instruments,
            transport=httpx.MockTransport(self.handle),
            retries=Retries(sleep=self.sleep, jitter=lambda: 1.0),
            limits=options.pop("limits", None) or CallLimits(self.clock),
            patience=Patience(sleep=self.sleep),
            **options,
        )

    def handle(self, request):
        self.requests.append(request)
        endpoint = endpoint_of(request)
        name = f"{request.method} {endpoint}"
        answers = self.answers.get(name) or self.answers.get(endpoint)
        assert answers, f"nobody told this venue about {name}"
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        answer = answer(parameters(request)) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return httpx.Response(200, json=answer)

    def asked(self, endpoint, method=None):
        """The parameters of every request of an endpoint."""
        return [
            parameters(request)
            for request in self.requests
            if endpoint_of(request) == endpoint and method in (None, request.method)
        ]


def endpoint_of(request):
    return request.url.path.split("/", 3)[3]


def parameters(request):
    return dict(parse_qsl((request.url.query + b"&" + request.content).decode()))


def intent(client_order_id="sd-1", **changes):
    values = {
        "client_order_id": client_order_id,
        "account": "sample",
        "strategy": "constant",
        "instrument": BTC,
        "candle_close": NOW,
        "side": Side.BUY,
        "type": OrderType.MARKET,
        "quantity": Decimal("0.010"),
        "barriers": Barriers(stop=Decimal("90000.1"), target=Decimal("99000.5")),
    }
    return OrderIntent(**{**values, **changes})


def milliseconds(at):
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
