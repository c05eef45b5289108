"""A Coinbase in memory for tests: answers in the venue's shapes, and remembers what it was asked."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
from pydantic import SecretStr

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind
from desk.adapters.venues.coinbase.open import Coinbase, open_coinbase
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType
from tests.builders import CLOSE

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
PATH = "/api/v3/brokerage"
PAGE = 2
"""The venue's pages are shorter than what is asked for, so that everything is read in pages."""


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def product(name: str, **changes: object) -> dict[str, object]:
    base, quote = name.split("-")[:2]
    told = {
        "product_id": name,
        "price": "50000",
        "base_increment": "0.00000001",
        "quote_increment": "0.01",
        "price_increment": "0.01",
        "base_min_size": "0.00001",
        "quote_min_size": "1",
        "base_max_size": "",
        "status": "online",
        "product_type": "SPOT",
        "base_currency_id": base,
        "quote_currency_id": quote,
        "alias": "",
        "trading_disabled": False,
        "future_product_details": None,
    }
    return {**told, **changes}


def book(name: str, bid: str, ask: str) -> dict[str, object]:
    sides = {"bids": [{"price": bid, "size": "1"}], "asks": [{"price": ask, "size": "1"}]}
    return {"product_id": name, "time": stamp(NOW), **sides}


def wallet(currency: str, available: str, hold: str = "0") -> dict[str, object]:
    return {
        "uuid": f"wallet-{currency}",
        "currency": currency,
        "available_balance": {"value": available, "currency": currency},
        "hold": {"value": hold, "currency": currency},
        "created_at": "2025-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00.5Z",
        "deleted_at": None,
    }


def order(client_order_id: str, **changes: object) -> dict[str, object]:
    told = {
        "order_id": f"V-{client_order_id}",
        "client_order_id": client_order_id,
        "product_id": "BTC-USD",
        "side": "BUY",
        "status": "OPEN",
        "order_configuration": {"limit_limit_gtc": {"base_size": "0.5", "limit_price": "49000", "post_only": False}},
        "created_time": stamp(NOW - timedelta(minutes=5)),
        "filled_size": "0",
        "average_filled_price": "0",
        "fee": "",
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "reject_message": "",
        "cancel_message": "",
        "last_fill_time": None,
    }
    return {**told, **changes}


def fill(entry: str, of: str, size: str = "0.5", price: str = "50000", **changes: object) -> dict[str, object]:
    told = {
        "entry_id": entry,
        "trade_id": f"T-{entry}",
        "order_id": f"V-{of}",
        "trade_time": stamp(NOW - timedelta(minutes=4)),
        "trade_type": "FILL",
        "price": price,
        "size": size,
        "commission": "0.12",
        "product_id": "BTC-USD",
        "sequence_timestamp": stamp(NOW - timedelta(minutes=4)),
        "liquidity_indicator": "TAKER",
        "size_in_quote": False,
        "side": "BUY",
    }
    return {**told, **changes}


class Venue:
    """Keeps orders newest first. `answers` replaces the answers of a path, one after the other, the last for ever."""

    def __init__(self) -> None:
        self.products = [product("BTC-USD"), product("ETH-USD"), product("EUR-USD")]
        self.books = [book("BTC-USD", "50000", "50010"), book("ETH-USD", "2500", "2501")]
        self.wallets = [wallet("USD", "1000")]
        self.orders: list[dict[str, object]] = []
        self.fills: list[dict[str, object]] = []
        self.candles: list[dict[str, str]] = []
        self.ends_count = (True, True)
        self.answers: dict[str, list[object]] = {}
        self.on_create: Callable[[dict[str, object]], dict[str, object]] = lambda body: order(
            str(body["client_order_id"]), status="FILLED", filled_size="0.5"
        )
        self.on_cancel: Callable[[str], Mapping[str, object]] = self.cancelled
        self.requests: list[httpx.Request] = []
        self.seen: Counter[str] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path.removeprefix(PATH)
        self.seen[f"{request.method} {path}"] += 1
        if path in self.answers:
            return self.scripted(self.answers[path])
        body = json.loads(request.content) if request.content else {}
        return httpx.Response(200, json=self.answer(request.method, path, request.url.params, body))

    @staticmethod
    def scripted(answers: list[object]) -> httpx.Response:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    def answer(  # noqa: C901
        self, method: str, path: str, params: httpx.QueryParams, body: dict[str, object]
    ) -> object:
        match method, path.strip("/").split("/"):
            case "GET", ["time"]:
                return {"iso": stamp(NOW), "epochSeconds": "0", "epochMillis": "0"}
            case "GET", ["market", "products"]:
                return {"products": self.some_products(params)}
            case "GET", ["market", "products", _, "candles"]:
                return {"candles": self.some_candles(int(params["start"]), int(params["end"]))}
            case "GET", ["best_bid_ask"]:
                return {
                    "pricebooks": [one for one in self.books if one["product_id"] in params.get_list("product_ids")]
                }
            case "GET", ["market", "product_book"]:
                return {"pricebook": next(one for one in self.books if one["product_id"] == params["product_id"])}
            case "GET", ["accounts"]:
                return page("accounts", self.wallets, params)
            case "GET", ["orders", "historical", "batch"]:
                return page("orders", self.some_orders(params), params)
            case "GET", ["orders", "historical", "fills"]:
                return page("fills", self.some_fills(params), params)
            case "GET", ["orders", "historical", name]:
                return {"order": next(one for one in self.orders if one["order_id"] == name)}
            case "POST", ["orders"]:
                return self.create(body)
            case "POST", ["orders", "batch_cancel"]:
                return {"results": [self.on_cancel(str(name)) for name in body["order_ids"]]}
        raise AssertionError(f"no answer for {method} {path}")

    def some_candles(self, start: int, end: int) -> list[dict[str, str]]:
        first, last = self.ends_count
        wanted = range(start if first else start + 1, end + 1 if last else end)
        return [row for row in self.candles if int(row["start"]) in wanted]

    def some_products(self, params: httpx.QueryParams) -> list[dict[str, object]]:
        if wanted := params.get_list("product_ids"):
            return [one for one in self.products if one["product_id"] in wanted]
        offset = int(params.get("offset", "0"))
        return self.products[offset : offset + PAGE]

    def some_orders(self, params: httpx.QueryParams) -> list[dict[str, object]]:
        since, status = params.get("start_date", ""), params.get("order_status")
        return [
            one for one in self.orders if str(one["created_time"]) >= since and (one["status"] == status or not status)
        ]

    def some_fills(self, params: httpx.QueryParams) -> list[dict[str, object]]:
        names, wanted = params.get_list("order_ids"), params.get_list("product_ids")
        since = params.get("start_sequence_timestamp", "")
        return [
            one
            for one in self.fills
            if (not names or one["order_id"] in names)
            and (not wanted or one["product_id"] in wanted)
            and str(one["sequence_timestamp"]) >= since
        ]

    def create(self, body: dict[str, object]) -> dict[str, object]:
        made = next((one for one in self.orders if one["client_order_id"] == body["client_order_id"]), None)
        if made is None:
            made = self.on_create(body)
            self.orders.insert(0, made)
        return {"success": True, "success_response": {"order_id": made["order_id"]}, "failure_reason": "UNKNOWN"}

    def cancelled(self, name: str) -> dict[str, object]:
        one = next(one for one in self.orders if one["order_id"] == name)
        one |= {"status": "CANCELLED", "cancel_message": "User requested cancel"}
        return {"success": True, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": name}

    def sent(self, path: str) -> list[dict[str, object]]:
        """The bodies that were posted to a path."""
        posted = [one for one in self.requests if one.method == "POST" and one.url.path == PATH + path]
        return [json.loads(one.content) for one in posted]


def page(key: str, rows: list[dict[str, object]], params: httpx.QueryParams) -> dict[str, object]:
    start = int(params.get("cursor", "0"))
    more = start + PAGE < len(rows)
    return {key: rows[start : start + PAGE], "has_next": more, "cursor": str(start + PAGE) if more else ""}


class Sleeper:
    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.then: Callable[[], object] = lambda: None

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.then()


KEY = CoinbaseCredentials(SecretStr("key"), SecretStr("canary-secret"), KeyKind.LEGACY)


def opened(venue: Venue, sleeper: Sleeper | None = None, **terms: object) -> Coinbase:
    values = {"currency": "USD", "instruments": ("BTC/USD", "ETH/USD"), **terms}
    return open_coinbase(
        KEY,
        "simulator",
        CoinbaseTerms(**values),  # type: ignore[arg-type]
        base_url="https://venue.test",
        clock=FixedClock(NOW),
        transport=httpx.MockTransport(venue),
        retries=Retries(attempts=2, sleep=Sleeper(), jitter=lambda: 1.0),
        looks=Looks(sleep=sleeper or Sleeper()),
    )


def intent(client_order_id: str = "sd-1", **changes: object) -> OrderIntent:
    values = {
        "client_order_id": client_order_id,
        "account": "main",
        "strategy": "momentum",
        "instrument": "BTC/USD",
        "candle_close": CLOSE,
        "side": Side.BUY,
        "type": OrderType.MARKET,
        "quantity": Decimal("0.5"),
        **changes,
    }
    return OrderIntent(**values)  # type: ignore[arg-type]


def refusal(word: str, **told: str) -> httpx.Response:
    response = {"error": word, "message": "", "error_details": "", "new_order_failure_reason": word, **told}
    return httpx.Response(200, json={"success": False, "error_response": response})
