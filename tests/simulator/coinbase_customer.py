"""A customer of the simulated Coinbase who signs by hand: with a legacy key, or with a token of a CDP key."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from simulator.dialects.coinbase import VENUE

ROOT = "/api/v3/brokerage"
KEY, SECRET = VENUE.secrets["legacy_key"], VENUE.secrets["legacy_secret"]


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def private_key(kind: str) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    secret = VENUE.secrets[f"{kind}_secret"]
    if kind == "es256":
        return serialization.load_pem_private_key(secret.encode(), password=None)
    return ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret)[:32])


def token(kind: str, now: int, **changes: object) -> str:
    """A token of a kind of key; `changes` replace what it says."""
    key, name = private_key(kind), VENUE.secrets[f"{kind}_key"]
    claims = {"sub": name, "iss": "cdp", "nbf": now, "exp": now + 120, **changes}
    header = {"alg": "ES256" if kind == "es256" else "EdDSA", "kid": name, "nonce": "1", "typ": "JWT"}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{encoded(signature(key, signed.encode()))}"


def signature(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, signed: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(signed)
    numbers = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(32, "big") for number in numbers)


class Customer:
    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address)
        self.host = address.removeprefix("http://")

    def now(self) -> int:
        return int(self.http.get(f"{ROOT}/time").json()["epochSeconds"])

    def signed(
        self, method: str, path: str, content: bytes, *, at: int | None = None, secret: str = SECRET
    ) -> dict[str, str]:
        """Headers of the legacy key."""
        seconds = str(self.now() if at is None else at)
        text = f"{seconds}{method}{ROOT}{path}".encode() + content
        sign = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
        return {"CB-ACCESS-KEY": KEY, "CB-ACCESS-TIMESTAMP": seconds, "CB-ACCESS-SIGN": sign}

    def get(self, path: str, **query: object) -> httpx.Response:
        return self.http.get(f"{ROOT}{path}", params=query, headers=self.signed("GET", path, b""))

    def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        content = json.dumps(body).encode()
        return self.http.post(f"{ROOT}{path}", content=content, headers=self.signed("POST", path, content))

    def ask(self, path: str, **query: object) -> httpx.Response:
        """A public question."""
        return self.http.get(f"{ROOT}/market{path}", params=query)

    def with_token(self, text: str, path: str = "/accounts") -> httpx.Response:
        return self.http.get(f"{ROOT}{path}", headers={"Authorization": f"Bearer {text}"})

    def order(self, client_id: str, kind: str, side: str = "BUY", **settings: object) -> dict:
        """Order; `product` and `attached` go beside the settings of the configuration."""
        product, attached = settings.pop("product", "BTC-USD"), settings.pop("attached", None)
        body = {"client_order_id": client_id, "product_id": product, "side": side}
        extra = {"attached_order_configuration": attached} if attached else {}
        return self.post("/orders", {**body, "order_configuration": {kind: settings}, **extra}).json()

    def market(self, client_id: str, size: str = "0.1", side: str = "BUY", **more: object) -> dict:
        return self.order(client_id, "market_market_ioc", side, base_size=size, **more)

    def limit(self, client_id: str, price: str = "50000", size: str = "0.1", side: str = "BUY", **more: object) -> dict:
        return self.order(client_id, "limit_limit_gtc", side, base_size=size, limit_price=price, **more)

    def found(self, told: Mapping[str, dict]) -> dict:
        """The order that was accepted."""
        return self.get(f"/orders/historical/{told['success_response']['order_id']}").json()["order"]

    def orders(self, **query: object) -> list[dict]:
        return self.get("/orders/historical/batch", **query).json()["orders"]

    def fills(self, **query: object) -> list[dict]:
        return self.get("/orders/historical/fills", **query).json()["fills"]

    def balances(self) -> dict[str, tuple[str, str]]:
        """What is free and what is kept back, by currency."""
        rows = self.get("/accounts").json()["accounts"]
        return {row["currency"]: (row["available_balance"]["value"], row["hold"]["value"]) for row in rows}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
