"""A stand-in for OANDA's wire: answers by method and path, and remembers what it was asked."""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.oanda.open import OandaCredentials, open_oanda, simulator

NOW = datetime(2026, 1, 14, 15, 0, 1, tzinfo=UTC)
STAMP = "2026-01-14T15:00:00.123456789Z"
AT = datetime(2026, 1, 14, 15, 0, 0, 123456, tzinfo=UTC)
TOKEN = "canary-token-5f1e"
ACCOUNT = "101-001-1234567-001"
HOME = f"/v3/accounts/{ACCOUNT}"

_WIRE = Path(__file__).parents[6] / "shared" / "wire" / "oanda"


def recorded(name, part):
    """A recorded reply, or a skipped test where the recordings are not beside the checkout."""
    return shared(f"recorded/{name}.json")[part]["response"]


def shared(name):
    path = _WIRE / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the checkout")
    return json.loads(path.read_text(encoding="utf-8"))


class Sleeper:
    def __init__(self):
        self.pauses = []

    async def __call__(self, seconds):
        self.pauses.append(seconds)


class Oanda:
    """Gives each path its answers in turn, the last one for ever; an exception is raised.

    A path is matched from the account on; `""` is the account itself.
    """

    def __init__(self, **account):
        self.routes = {}
        self.requests = []
        self.sleeper = Sleeper()
        self.on("GET", "", account_reply(**account))
        self.on("GET", "/instruments", {"instruments": INSTRUMENTS, "lastTransactionID": "1"})

    def on(self, method, path, *answers):
        self.routes[method, path] = list(answers)
        return self

    def __call__(self, request):
        self.requests.append(request)
        path = request.url.path.removeprefix(HOME).removeprefix("/v3")
        answers = self.routes.get((request.method, path))
        assert answers, f"nobody expected {request.method} {path}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def calls(self, method=None):
        """How often each path was asked, by path from the account on."""
        return Counter(
            request.url.path.removeprefix(HOME).removeprefix("/v3")
            for request in self.requests
            if method in (None, request.method)
        )

    def body(self):
        """The JSON of the last request."""
        return json.loads(self.requests[-1].content)

    def sent(self, method):
        return [json.loads(request.content) for request in self.requests if request.method == method]

    def open(self, *, clock=None, **options):
        return open_oanda(
            OandaCredentials(ACCOUNT, SecretStr(TOKEN)),
            simulator("http://oanda.test"),
            clock=clock or FixedClock(NOW),
            transport=httpx.MockTransport(self),
            retries=Retries(attempts=2, sleep=self.sleeper),
            sleep=self.sleeper,
            **options,
        )


def refused(status, **body):
    return httpx.Response(status, json=body)


def account_reply(last="100", trades=(), orders=(), positions=(), **changes):
    account = {
        "currency": "USD",
        "balance": "10000.0000",
        "NAV": "10012.5000",
        "openTradeCount": len(trades),
        "pendingOrderCount": len(orders),
        "trades": list(trades),
        "orders": list(orders),
        "positions": list(positions),
    }
    return {"account": {**account, **changes}, "lastTransactionID": last}


def instrument(name, kind="CURRENCY", precision=5, units=0, minimum="1"):
    return {
        "name": name,
        "type": kind,
        "displayPrecision": precision,
        "tradeUnitsPrecision": units,
        "minimumTradeSize": minimum,
        "pipLocation": 1 - precision,
    }


INSTRUMENTS = [
    instrument("EUR_USD"),
    instrument("USD_JPY", precision=3),
    instrument("EUR_GBP"),
    instrument("XAU_USD", "METAL", 3),
    instrument("SPX500_USD", "CFD", 1, 1, "0.1"),
]


def traded(name):
    return {"instrument": name, "long": {"units": "0"}, "short": {"units": "0"}}


def trade(number, units="100", price="1.10000", name="EUR_USD", **changes):
    values = {
        "id": str(number),
        "instrument": name,
        "price": price,
        "openTime": STAMP,
        "state": "OPEN",
        "initialUnits": units,
        "currentUnits": units,
        "realizedPL": "0.0000",
        "unrealizedPL": "1.5000",
        "financing": "0.0000",
    }
    return {**values, **changes}


def order(number, client="", *, state="PENDING", units="100", kind="LIMIT", **changes):
    values = {
        "id": str(number),
        "type": kind,
        "state": state,
        "createTime": STAMP,
        "instrument": "EUR_USD",
        "units": units,
        "price": "1.10000",
        "timeInForce": "GTC",
        "positionFill": "DEFAULT",
    }
    return {**values, **({"clientExtensions": {"id": client}} if client else {}), **changes}


def create(number, client="sd-1", *, units="100", kind="MARKET_ORDER", **changes):
    values = {
        "id": str(number),
        "type": kind,
        "time": STAMP,
        "instrument": "EUR_USD",
        "units": units,
        "timeInForce": "IOC",
        "positionFill": "DEFAULT",
        "reason": "CLIENT_ORDER",
        "clientExtensions": {"id": client},
    }
    return {**values, **changes}


def fill(number, of, client="sd-1", *, units="100", price="1.10001", **changes):
    values = {
        "id": str(number),
        "type": "ORDER_FILL",
        "time": STAMP,
        "orderID": str(of),
        "instrument": "EUR_USD",
        "units": units,
        "price": price,
        "reason": "MARKET_ORDER",
        "pl": "0.0000",
        "financing": "0.0000",
        "commission": "0.0000",
        "guaranteedExecutionFee": "0.0000",
        "halfSpreadCost": "0.0050",
        "accountBalance": "10000.0000",
    }
    return {**values, **({"clientOrderID": client} if client else {}), **changes}


def ended(number, of, reason, client="sd-1"):
    return {
        "id": str(number),
        "type": "ORDER_CANCEL",
        "time": STAMP,
        "orderID": str(of),
        "clientOrderID": client,
        "reason": reason,
    }


def transactions(*found, last=None):
    return {"transactions": list(found), "lastTransactionID": str(last or (found[-1]["id"] if found else 100))}


def history(*found, last="100"):
    """Answer `sinceid` with an account that was configured over and over, until something was found."""

    def answer(request):
        after, top = int(request.url.params["id"]), int(found[-1]["id"] if found else last)
        known = {int(one["id"]): one for one in found}
        other = {"type": "CLIENT_CONFIGURE", "time": STAMP}
        page = [known.get(number, {"id": str(number), **other}) for number in range(after + 1, top + 1)]
        return transactions(*page, last=top)

    return answer


def placed(*, fill=None, cancel=None, created=None):
    body = {"orderCreateTransaction": created or create(101), "lastTransactionID": "102"}
    body |= {"orderFillTransaction": fill} if fill else {}
    body |= {"orderCancelTransaction": cancel} if cancel else {}
    return httpx.Response(201, json=body)


def prices(*given, conversions=()):
    return {"time": STAMP, "prices": list(given), "homeConversions": list(conversions)}


def price(name="EUR_USD", bid="1.10000", ask="1.10010", **changes):
    sides = {
        "bids": [{"price": bid, "liquidity": 1_000_000}],
        "asks": [{"price": ask, "liquidity": 1_000_000}],
    }
    return {"type": "PRICE", "instrument": name, "time": STAMP, "tradeable": True, **sides, **changes}


def conversion(currency, value):
    return {"currency": currency, "accountGain": value, "accountLoss": value, "positionValue": value}


def nothing_found(oanda, last="100"):
    """Answer every way of looking for an order with nothing."""
    oanda.on("GET", "/orders", {"orders": [], "lastTransactionID": last})
    oanda.on("GET", "/orders/@sd-1", refused(404, errorCode="NO_SUCH_ORDER", errorMessage="", lastTransactionID=last))
    oanda.on("GET", "/transactions/sinceid", history(last=last))
    return oanda


D = Decimal
