"""A customer of the simulated KuCoin who signs by hand, and the desk's way to it."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import unquote_plus

import httpx

from desk.adapters.clocks import FixedClock
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.opening import Connection
from desk.adapters.venues.kucoin.patience import Patience
from tests.simulator.conftest import START

KEY, EARLIER = "simulator-kucoin", "simulator-kucoin-earlier"
HF = "/api/v1/hf/orders"
BTC, XBT = "BTC/USDT", "BTC/USDT:USDT"


class Customer:
    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address)
        self.headers: dict[str, str] = {}

    def now(self) -> int:
        return self.http.get("/api/v1/timestamp").json()["data"]

    def sign(self, method: str, path: str, body: str = "", *, owner: str = KEY, version: str = "3") -> dict[str, str]:
        moment = str(self.now())
        return {
            "KC-API-KEY": f"{owner}-key",
            "KC-API-SIGN": hashed(owner, f"{moment}{method}{unquote_plus(path)}{body}"),
            "KC-API-TIMESTAMP": moment,
            "KC-API-PASSPHRASE": hashed(owner, f"{owner}-passphrase"),
            "KC-API-KEY-VERSION": version,
            "Content-Type": "application/json",
        }

    def send(self, method: str, path: str, form: object = None, **other_headers: str) -> httpx.Response:
        body = "" if form is None else json.dumps(form)
        headers = {**self.sign(method, path, body), **self.headers, **other_headers}
        return self.http.request(method, path, content=body.encode(), headers=headers)

    def get(self, path: str, **parameters: object) -> object:
        query = str(httpx.QueryParams(parameters))
        return self._data(self.send("GET", f"{path}?{query}" if query else path))

    def post(self, path: str, **form: object) -> object:
        return self._data(self.send("POST", path, form))

    def delete(self, path: str) -> object:
        return self._data(self.send("DELETE", path))

    def code(self, method: str, path: str, **form: object) -> str:
        return self.send(method, path, form or None).json()["code"]

    def _data(self, reply: httpx.Response) -> object:
        said = reply.json()
        assert said["code"] == "200000", said
        return said["data"]


def hashed(owner: str, words: str) -> str:
    return base64.b64encode(hmac.new(f"{owner}-secret".encode(), words.encode(), hashlib.sha256).digest()).decode()


def market(side: str = "buy", size: str = "0.01", **more: object) -> dict:
    return {"symbol": "BTC-USDT", "side": side, "type": "market", "size": size, **more}


def limit(client_id: str, price: str = "50000", **more: object) -> dict:
    order = {"symbol": "BTC-USDT", "side": "buy", "type": "limit", "size": "0.01", "price": price}
    return {**order, "clientOid": client_id, **more}


def contract(client_id: str, side: str = "buy", size: int = 10, **more: object) -> dict:
    order = {"symbol": "XBTUSDTM", "side": side, "type": "market", "size": size}
    return {"clientOid": client_id, **order, **more}


def credentials(version: int = 3, **changes: str) -> KucoinCredentials:
    owner = KEY if version == 3 else EARLIER
    words = {"key": f"{owner}-key", "secret": f"{owner}-secret", "passphrase": f"{owner}-passphrase"}
    return KucoinCredentials(**{**words, **changes}, key_version=version)


def connection(address: str) -> Connection:
    """How the desk reaches the simulator, at a time that stands still there too."""
    pauses = tuple(timedelta(milliseconds=pause) for pause in (20, 60, 100))
    return Connection(
        clock=FixedClock(START), environment="simulator", base_url=address, patience=Patience(pauses=pauses)
    )
