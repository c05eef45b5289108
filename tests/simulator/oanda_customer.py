"""A customer of the simulated OANDA who writes requests by hand."""

import time

import httpx

ACCOUNT = "101-001-0000001-001"
TOKEN = "simulator-oanda-token"
LAG = 0.35


class Customer:
    def __init__(self, address: str, *, token: str = TOKEN, account: str = ACCOUNT) -> None:
        self.base = f"/v3/accounts/{account}"
        self.http = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, **query: object) -> httpx.Response:
        return self.http.get(self.base + path, params=query)

    def put(self, path: str, body: dict | None = None) -> httpx.Response:
        return self.http.put(self.base + path, json=body or {})

    def order(self, **order: object) -> httpx.Response:
        return self.http.post(self.base + "/orders", json={"order": order})

    def buy(self, units: int = 1_000, **more: object) -> httpx.Response:
        return self.order(**{"type": "MARKET", "instrument": "EUR_USD", "units": str(units), **more})

    def limit(self, price: str = "1.00000", units: int = 1_000, client_id: str = "", **more: object) -> httpx.Response:
        extensions = {"clientExtensions": {"id": client_id}} if client_id else {}
        return self.order(
            **{"type": "LIMIT", "instrument": "EUR_USD", "units": str(units), "price": price, **extensions, **more}
        )

    def find(self, name: str) -> httpx.Response:
        """Look an order up after the lag."""
        time.sleep(LAG)
        return self.get(f"/orders/{name}")

    def fills(self) -> list[dict]:
        news = self.get("/transactions/sinceid", id=1).json()["transactions"]
        return [one for one in news if one["type"] == "ORDER_FILL"]
