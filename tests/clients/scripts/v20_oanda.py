"""v20, OANDA's own client."""

import time
from urllib.parse import urlsplit

import v20
from steps import CANDLES, Job, refusal, run
from v20.errors import ResponseUnexpectedStatus

LAG = 0.4
STATES = {"PENDING": "open", "FILLED": "filled", "CANCELLED": "cancelled"}


class Client:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.context = self._context(job.secrets["token"])

    def instrument(self) -> dict:
        found = self.context.account.instruments(self.job.account, instruments=self.job.instrument)
        listed = found.get("instruments", 200)[0]
        return {"tick": f"1e-{listed.displayPrecision}", "lot": f"1e-{listed.tradeUnitsPrecision}"}

    def candles(self) -> list:
        found = self.context.instrument.candles(self.job.instrument, granularity="M5", count=CANDLES)
        return [[one.time, *(getattr(one.mid, part) for part in "ohlc")] for one in found.get("candles", 200)]

    def market_order(self) -> dict:
        told = self.context.order.market(self.job.account, instrument=self.job.instrument, units=self.job.quantity)
        fill = told.get("orderFillTransaction", 201)
        return {"state": "filled", "id": fill.orderID, "quantity": fill.units, "price": fill.price}

    def limit_order(self) -> dict:
        return {"id": self._limit().get("orderCreateTransaction", 201).id}

    def lookup(self) -> dict:
        time.sleep(LAG)
        return self._order()

    def duplicate(self) -> dict:
        told = self._limit()
        return {"refused": f"{told.status}: {told.body['errorCode']}"}

    def cancel(self) -> dict:
        self.context.order.cancel(self.job.account, "@" + self.job.client_id).get("orderCancelTransaction", 200)
        return self._order()

    def balance(self) -> dict:
        found = self.context.account.summary(self.job.account).get("account", 200)
        return {"currency": found.currency, "amount": found.balance}

    def position(self) -> dict:
        found = self.context.position.list_open(self.job.account).get("positions", 200)[0]
        return {"quantity": found.long.units, "price": found.long.averagePrice}

    def fills(self) -> list:
        news = self.context.transaction.since(self.job.account, id="1").get("transactions", 200)
        return [
            {"id": one.orderID, "quantity": one.units, "price": one.price, "fee": one.commission}
            for one in news
            if one.type == "ORDER_FILL"
        ]

    def bad_signature(self) -> dict:
        told = self._context(self.job.wrong["token"]).account.summary(self.job.account)
        return refusal(ResponseUnexpectedStatus, lambda: told.get("account", 200)) | {"status": told.status}

    def _context(self, token: str) -> v20.Context:
        place = urlsplit(self.job.address)
        return v20.Context(place.hostname, place.port, ssl=False, token=token)

    def _limit(self) -> v20.response.Response:
        return self.context.order.limit(
            self.job.account,
            instrument=self.job.instrument,
            units=self.job.quantity,
            price=self.job.limit_price,
            clientExtensions={"id": self.job.client_id},
        )

    def _order(self) -> dict:
        found = self.context.order.get(self.job.account, "@" + self.job.client_id).get("order", 200)
        return {
            "id": found.id,
            "client_id": found.clientExtensions.id,
            "state": STATES[found.state],
            "quantity": found.units,
            "price": found.price,
        }


run(Client)
