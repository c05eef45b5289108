"""coinbase-advanced-py, Coinbase's own client; it always says https, and the simulator has none."""

import time
from urllib.parse import urlsplit

from coinbase.rest import RESTClient
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import HTTPError
from steps import CANDLES, Job, refusal, run, until

STATES = {"OPEN": "open", "FILLED": "filled", "CANCELLED": "cancelled"}


class Plain(HTTPAdapter):
    """Sends what is for https by http."""

    def send(self, request: PreparedRequest, **options: object) -> Response:
        time.sleep(0.06)  # this client has no pace of its own, and the limits here are the real ones
        request.url = request.url.replace("https:", "http:", 1)
        return super().send(request, **options)


class Client:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.rest = self._rest(job.secrets)
        self.limit = ""

    def instrument(self) -> dict:
        found = self.rest.get_product(self.job.instrument)
        return {"tick": found["price_increment"], "lot": found["base_increment"]}

    def candles(self) -> list:
        now = int(time.time())
        found = self.rest.get_candles(
            self.job.instrument, str(now - CANDLES * 300), str(now), "FIVE_MINUTE", limit=CANDLES
        )
        return [
            [int(one["start"]) * 1000, *(one[part] for part in ("open", "high", "low", "close"))]
            for one in reversed(found.to_dict()["candles"])
        ]

    def market_order(self) -> dict:
        told = self.rest.market_order_buy("", self.job.instrument, base_size=self.job.quantity)
        number = told["success_response"]["order_id"]
        until(lambda: self._order(number), "filled")
        found = self.rest.get_order(number)["order"]
        return {
            "id": number,
            "state": STATES[found["status"]],
            "quantity": found["filled_size"],
            "price": found["average_filled_price"],
        }

    def limit_order(self) -> dict:
        self.limit = self._limit()
        return {"id": self.limit}

    def lookup(self) -> dict:
        """Look among the open orders: Coinbase has no lookup by the client's id."""
        found = self.rest.list_orders(product_ids=[self.job.instrument], order_status=["OPEN"])["orders"]
        return self._order(next(one["order_id"] for one in found if one["client_order_id"] == self.job.client_id))

    def duplicate(self) -> dict:
        return refusal(HTTPError, self._limit)

    def cancel(self) -> dict:
        self.rest.cancel_orders([self.limit])
        return until(lambda: self._order(self.limit), "cancelled")

    def balance(self) -> dict:
        currency = self.job.instrument.split("-")[1]
        return {"currency": currency, "amount": self._held(currency)}

    def position(self) -> dict:
        return {"quantity": self._held(self.job.instrument.split("-")[0])}

    def fills(self) -> list:
        found = self.rest.get_fills(product_ids=[self.job.instrument])["fills"]
        return [
            {"id": one["order_id"], "quantity": one["size"], "price": one["price"], "fee": one["commission"]}
            for one in found
        ]

    def bad_signature(self) -> dict:
        return refusal(HTTPError, self._rest(self.job.wrong).get_accounts)

    def _rest(self, secrets: dict[str, str]) -> RESTClient:
        client = RESTClient(secrets["key"], secrets["secret"], base_url=urlsplit(self.job.address).netloc)
        client.session.mount("https://", Plain())
        return client

    def _limit(self) -> str:
        told = self.rest.limit_order_gtc_buy(
            self.job.client_id, self.job.instrument, self.job.quantity, self.job.limit_price
        )
        return told["success_response"]["order_id"]

    def _held(self, currency: str) -> str:
        accounts = self.rest.get_accounts(limit=250).to_dict()["accounts"]
        return next(one["available_balance"]["value"] for one in accounts if one["currency"] == currency)

    def _order(self, number: str) -> dict:
        found = self.rest.get_order(number).to_dict()["order"]
        limit = found["order_configuration"].get("limit_limit_gtc", {})
        return {
            "id": found["order_id"],
            "client_id": found["client_order_id"],
            "state": STATES[found["status"]],
            "quantity": limit.get("base_size"),
            "price": limit.get("limit_price"),
        }


run(Client)
