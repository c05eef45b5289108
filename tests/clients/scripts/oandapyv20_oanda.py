"""oandapyV20 at OANDA."""

import time

from oandapyV20 import API, oandapyV20
from oandapyV20.endpoints import accounts, instruments, orders, positions, transactions
from oandapyV20.exceptions import V20Error
from steps import CANDLES, Job, refusal, run

LAG = 0.4
STATES = {"PENDING": "open", "FILLED": "filled", "CANCELLED": "cancelled"}


class Client:
    def __init__(self, job: Job) -> None:
        oandapyV20.TRADING_ENVIRONMENTS["simulator"] = {"stream": job.address, "api": job.address}
        self.job = job
        self.api = API(access_token=job.secrets["token"], environment="simulator")

    def instrument(self) -> dict:
        asked = accounts.AccountInstruments(self.job.account, params={"instruments": self.job.instrument})
        found = self.api.request(asked)["instruments"][0]
        return {"tick": f"1e-{found['displayPrecision']}", "lot": f"1e-{found['tradeUnitsPrecision']}"}

    def candles(self) -> list:
        asked = instruments.InstrumentsCandles(self.job.instrument, params={"granularity": "M5", "count": CANDLES})
        return [[one["time"], *(one["mid"][part] for part in "ohlc")] for one in self.api.request(asked)["candles"]]

    def market_order(self) -> dict:
        order = {"type": "MARKET", "instrument": self.job.instrument, "units": self.job.quantity}
        told = self.api.request(orders.OrderCreate(self.job.account, data={"order": order}))
        fill = told["orderFillTransaction"]
        return {"state": "filled", "id": fill["orderID"], "quantity": fill["units"], "price": fill["price"]}

    def limit_order(self) -> dict:
        return {"id": self._limit()["orderCreateTransaction"]["id"]}

    def lookup(self) -> dict:
        time.sleep(LAG)
        return self._order("@" + self.job.client_id)

    def duplicate(self) -> dict:
        return refusal(V20Error, self._limit)

    def cancel(self) -> dict:
        self.api.request(orders.OrderCancel(self.job.account, "@" + self.job.client_id))
        return self._order("@" + self.job.client_id)

    def balance(self) -> dict:
        found = self.api.request(accounts.AccountSummary(self.job.account))["account"]
        return {"currency": found["currency"], "amount": found["balance"]}

    def position(self) -> dict:
        found = self.api.request(positions.OpenPositions(self.job.account))["positions"][0]
        return {"quantity": found["long"]["units"], "price": found["long"]["averagePrice"]}

    def fills(self) -> list:
        news = self.api.request(transactions.TransactionsSinceID(self.job.account, params={"id": 1}))["transactions"]
        return [
            {"id": one["orderID"], "quantity": one["units"], "price": one["price"], "fee": one["commission"]}
            for one in news
            if one["type"] == "ORDER_FILL"
        ]

    def bad_signature(self) -> dict:
        stranger = API(access_token=self.job.wrong["token"], environment="simulator")
        return refusal(V20Error, lambda: stranger.request(accounts.AccountSummary(self.job.account)))

    def _limit(self) -> dict:
        order = {
            "type": "LIMIT",
            "instrument": self.job.instrument,
            "units": self.job.quantity,
            "price": self.job.limit_price,
            "clientExtensions": {"id": self.job.client_id},
        }
        return self.api.request(orders.OrderCreate(self.job.account, data={"order": order}))

    def _order(self, name: str) -> dict:
        found = self.api.request(orders.OrderDetails(self.job.account, name))["order"]
        return {
            "id": found["id"],
            "client_id": found["clientExtensions"]["id"],
            "state": STATES[found["state"]],
            "quantity": found["units"],
            "price": found["price"],
        }


run(Client)
