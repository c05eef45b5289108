"""kucoin-universal-sdk at KuCoin's spot market."""

import time

from kucoin_sdk import service, state
from kucoin_universal_sdk.generate.account.account import GetSpotAccountListReqBuilder
from kucoin_universal_sdk.generate.spot.market import GetKlinesReqBuilder, GetSymbolReqBuilder
from kucoin_universal_sdk.generate.spot.order import (
    AddOrderReq,
    AddOrderReqBuilder,
    CancelOrderByClientOidReqBuilder,
    GetOrderByClientOidReqBuilder,
    GetTradeHistoryReqBuilder,
)
from kucoin_universal_sdk.model.common import RestError
from steps import CANDLES, Job, refusal, run, until

MARKET_ID = "clients-market"


class Client:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.rest = service(job, job.secrets)
        self.market = self.rest.get_spot_service().get_market_api()
        self.orders = self.rest.get_spot_service().get_order_api()

    def instrument(self) -> dict:
        found = self.market.get_symbol(GetSymbolReqBuilder().set_symbol(self.job.instrument).build())
        return {"tick": found.price_increment, "lot": found.base_increment}

    def candles(self) -> list:
        now = int(time.time())
        asked = GetKlinesReqBuilder().set_symbol(self.job.instrument).set_type("5min")
        found = self.market.get_klines(asked.set_start_at(now - CANDLES * 300).set_end_at(now).build())
        return [
            [int(start) * 1000, opened, high, low, close]
            for start, opened, close, high, low, *_ in reversed(found.data)
        ]

    def market_order(self) -> dict:
        asked = self._asked(MARKET_ID).set_type(AddOrderReq.TypeEnum.MARKET).build()
        number = self.orders.add_order(asked).order_id
        until(lambda: self._order(MARKET_ID), "filled")
        found = self._found(MARKET_ID)
        paid = float(found.deal_funds) / float(found.deal_size)
        return {"id": number, "state": "filled", "quantity": found.deal_size, "price": paid}

    def limit_order(self) -> dict:
        return {"id": self._limit()}

    def lookup(self) -> dict:
        return self._order(self.job.client_id)

    def duplicate(self) -> dict:
        return refusal(RestError, self._limit)

    def cancel(self) -> dict:
        asked = CancelOrderByClientOidReqBuilder().set_client_oid(self.job.client_id)
        self.orders.cancel_order_by_client_oid(asked.set_symbol(self.job.instrument).build())
        return until(lambda: self._order(self.job.client_id), "cancelled")

    def balance(self) -> dict:
        currency = self.job.instrument.split("-")[1]
        return {"currency": currency, "amount": self._held(currency)}

    def position(self) -> dict:
        return {"quantity": self._held(self.job.instrument.split("-")[0])}

    def fills(self) -> list:
        asked = GetTradeHistoryReqBuilder().set_symbol(self.job.instrument).build()
        return [
            {"id": one.order_id, "quantity": one.size, "price": one.price, "fee": one.fee}
            for one in self.orders.get_trade_history(asked).items
        ]

    def bad_signature(self) -> dict:
        stranger = service(self.job, self.job.wrong).get_account_service().get_account_api()
        return refusal(RestError, lambda: stranger.get_spot_account_list(GetSpotAccountListReqBuilder().build()))

    def _asked(self, client_id: str) -> AddOrderReqBuilder:
        asked = AddOrderReqBuilder().set_symbol(self.job.instrument).set_client_oid(client_id)
        return asked.set_side(AddOrderReq.SideEnum.BUY).set_size(self.job.quantity)

    def _limit(self) -> str:
        asked = self._asked(self.job.client_id).set_type(AddOrderReq.TypeEnum.LIMIT)
        return self.orders.add_order(asked.set_price(self.job.limit_price).build()).order_id

    def _held(self, currency: str) -> str:
        asked = GetSpotAccountListReqBuilder().set_currency(currency).set_type("trade").build()
        found = self.rest.get_account_service().get_account_api().get_spot_account_list(asked)
        return found.data[0].balance

    def _found(self, client_id: str) -> object:
        asked = GetOrderByClientOidReqBuilder().set_symbol(self.job.instrument).set_client_oid(client_id)
        return self.orders.get_order_by_client_oid(asked.build())

    def _order(self, client_id: str) -> dict:
        found = self._found(client_id)
        return {
            "id": found.id,
            "client_id": found.client_oid,
            "state": state(is_active=found.active, was_cancelled=found.cancel_exist),
            "quantity": found.size,
            "price": found.price,
        }


run(Client)
