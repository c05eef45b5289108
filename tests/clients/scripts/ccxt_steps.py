"""The steps in ccxt's unified API, which are the same at each venue; a script adds what its venue needs."""

from collections.abc import Callable

import ccxt
from steps import CANDLES, Job, refusal, until

STATES = {"open": "open", "closed": "filled", "canceled": "cancelled"}


class CcxtClient:
    """Trades with the account's secrets.

    Args:
        make: builds the exchange with the secrets that it is given.
        sent_as: the parameter with which ccxt takes a client id here.
        found_by: the parameter with which it finds an order by that id, empty where the venue cannot.
    """

    def __init__(
        self,
        job: Job,
        make: Callable[[dict[str, str]], ccxt.Exchange],
        *,
        sent_as: str = "clientOrderId",
        found_by: str = "clientOrderId",
    ) -> None:
        self.job = job
        self.make = make
        self.sent_as = sent_as
        self.found_by = found_by
        self.exchange = make(job.secrets)
        self.exchange.load_markets()
        self.market = self.exchange.markets_by_id[job.instrument][0]
        self.symbol = self.market["symbol"]
        self.unit = self.market["contractSize"] or 1
        self.limit = ""

    def instrument(self) -> dict:
        precision = self.market["precision"]
        return {"tick": precision["price"], "lot": precision["amount"] * self.unit}

    def candles(self) -> list:
        return [row[:5] for row in self.exchange.fetch_ohlcv(self.symbol, "5m", limit=CANDLES)]

    def market_order(self) -> dict:
        number = self.buy_at_market()["id"]
        found = until(lambda: self.exchange.fetch_order(number, self.symbol), "closed", name="status")
        return {
            "id": number,
            "state": STATES[found["status"]],
            "quantity": found["filled"] * self.unit,
            "price": found["average"],
        }

    def buy_at_market(self) -> dict:
        return self.exchange.create_order(self.symbol, "market", "buy", self._amount)

    def limit_order(self) -> dict:
        self.limit = self._limit()["id"]
        return {"id": self.limit}

    def lookup(self) -> dict:
        if not self.found_by:
            return self._order(self.exchange.fetch_order(self.limit, self.symbol))
        return self._order(self.exchange.fetch_order(None, self.symbol, {self.found_by: self.job.client_id}))

    def duplicate(self) -> dict:
        return refusal(ccxt.BaseError, lambda: self._limit()["id"])

    def cancel(self) -> dict:
        self.exchange.cancel_order(self.limit, self.symbol)
        return until(lambda: self._order(self.exchange.fetch_order(self.limit, self.symbol)), "cancelled")

    def balance(self) -> dict:
        currency = self.market["settle"] or self.market["quote"]
        return {"currency": currency, "amount": self.exchange.fetch_balance()[currency]["total"]}

    def position(self) -> dict:
        if self.market["spot"]:
            return {"quantity": self.exchange.fetch_balance()[self.market["base"]]["total"]}
        found = next(one for one in self.exchange.fetch_positions([self.symbol]) if one["contracts"])
        return {"quantity": found["contracts"] * self.unit}

    def fills(self) -> list:
        return [
            {
                "id": one["order"],
                "quantity": one["amount"] * self.unit,
                "price": one["price"],
                "fee": one["fee"]["cost"],
            }
            for one in self.exchange.fetch_my_trades(self.symbol)
        ]

    def bad_signature(self) -> dict:
        return refusal(ccxt.BaseError, self.make(self.job.wrong).fetch_balance)

    @property
    def _amount(self) -> float:
        return float(self.job.quantity) / self.unit

    def _limit(self) -> dict:
        named = {self.sent_as: self.job.client_id}
        return self.exchange.create_order(self.symbol, "limit", "buy", self._amount, float(self.job.limit_price), named)

    def _order(self, found: dict) -> dict:
        return {
            "id": found["id"],
            "client_id": found["clientOrderId"],
            "state": STATES[found["status"]],
            "quantity": found["amount"] * self.unit,
            "price": found["price"],
        }
