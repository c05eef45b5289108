"""A customer of the simulated Aster who signs by hand, with a key."""

import hashlib
import hmac
from urllib.parse import urlencode

import httpx

KEY, SECRET = "simulator-aster-key", "simulator-aster-secret"


class Customer:
    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, headers={"X-MBX-APIKEY": KEY})

    def now(self) -> int:
        return self.http.get("/fapi/v1/time").json()["serverTime"]

    def sign(self, parameters: dict, secret: str = SECRET) -> str:
        text = urlencode({**parameters, "timestamp": parameters.get("timestamp", self.now())})
        return f"{text}&signature={hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"

    def get(self, path: str, **parameters: object) -> httpx.Response:
        return self.http.get(f"/fapi/{path}?{self.sign(parameters)}")

    def send(self, method: str, path: str, *, secret: str = SECRET, **parameters: object) -> httpx.Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.http.request(
            method, f"/fapi/{path}", content=self.sign(parameters, secret).encode(), headers=headers
        )

    def order(self, **parameters: object) -> httpx.Response:
        return self.send("POST", "v1/order", **{"symbol": "BTCUSDT", "side": "BUY", **parameters})

    def limit(self, client_id: str, price: str = "50000", **more: object) -> httpx.Response:
        return self.order(
            **{"type": "LIMIT", "quantity": "0.01", "price": price, "timeInForce": "GTC"}
            | {"newClientOrderId": client_id}
            | more
        )

    def market(self, quantity: str = "0.01", **more: object) -> httpx.Response:
        return self.order(type="MARKET", quantity=quantity, **more)
