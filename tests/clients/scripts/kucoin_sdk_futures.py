"""kucoin-universal-sdk at KuCoin's futures; it counts in lots."""

import time
from decimal import Decimal

from kucoin_sdk import service, state
from kucoin_universal_sdk.generate.account.account import GetFuturesAccountReqBuilder
from kucoin_universal_sdk.generate.futures.market import GetKlinesReqBuilder, GetSymbolReqBuilder
from kucoin_universal_sdk.generate.futures.order import (
    AddOrderReq,
    AddOrderReqBuilder,
    CancelOrderByClientOidReqBuilder,
    GetOrderByClientOidReqBuilder,
    GetTradeHistoryReqBuilder,
)
from kucoin_universal_sdk.generate.futures.positions import GetPositionDetailsReqBuilder
from kucoin_universal_sdk.model.common import RestError
from steps import CANDLES, Job, refusal, run, until

MARKET_ID = "clients-market"


class Client:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.rest = service(job, job.secrets)
        self.accounts = self.rest.get_account_service().get_account_api()
        self.market = self.rest.get_futures_service().get_market_api()
        self.orders = self.rest.get_futures_service().get_order_api()
        self.listed = self.market.get_symbol(GetSymbolReqBuilder().set_symbol(job.instrument).build())
        self.lot = Decimal(str(self.listed.multiplier))

    def instrument(self) -> dict:
        return {"tick": self.listed.tick_size, "lot": self.listed.lot_size * self.lot}

    def candles(self) -> list:
        now = int(time.time()) * 1000
        asked = GetKlinesReqBuilder().set_symbol(self.job.instrument).set_granularity(5)
        found = self.market.get_klines(asked.set_from_(now - CANDLES * 300_000).set_to(now).build())
        return [row[:5] for row in found.data]

    def market_order(self) -> dict:
        asked = self._asked(MARKET_ID).set_type(AddOrderReq.TypeEnum.MARKET).build()
        number = self.orders.add_order(asked).order_id
        until(lambda: self._order(MARKET_ID), "filled")
        found = self._found(MARKET_ID)
        return {
            "id": number,
            "state": "filled",
            "quantity": found.filled_size * self.lot,
            "price": found.avg_deal_price,
        }

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
        found = self.accounts.get_futures_account(GetFuturesAccountReqBuilder().set_currency("USDT").build())
        worth = Decimal(str(found.account_equity)) - Decimal(str(found.unrealised_pnl))
        return {"currency": found.currency, "amount": worth}

    def position(self) -> dict:
        asked = GetPositionDetailsReqBuilder().set_symbol(self.job.instrument).build()
        found = self.rest.get_futures_service().get_positions_api().get_position_details(asked)
        return {"quantity": found.current_qty * self.lot}

    def fills(self) -> list:
        asked = GetTradeHistoryReqBuilder().set_symbol(self.job.instrument).build()
        return [
            {"id": one.order_id, "quantity": one.size * self.lot, "price": one.price, "fee": one.fee}
            for one in self.orders.get_trade_history(asked).items
        ]

    def bad_signature(self) -> dict:
        stranger = service(self.job, self.job.wrong).get_account_service().get_account_api()
        asked = GetFuturesAccountReqBuilder().set_currency("USDT").build()
        return refusal(RestError, lambda: stranger.get_futures_account(asked))

    def _asked(self, client_id: str) -> AddOrderReqBuilder:
        lots = int(Decimal(self.job.quantity) / self.lot)
        asked = AddOrderReqBuilder().set_symbol(self.job.instrument).set_client_oid(client_id)
        return asked.set_side(AddOrderReq.SideEnum.BUY).set_size(lots).set_leverage(5)

    def _limit(self) -> str:
        asked = self._asked(self.job.client_id).set_type(AddOrderReq.TypeEnum.LIMIT)
        return self.orders.add_order(asked.set_price(self.job.limit_price).build()).order_id

    def _found(self, client_id: str) -> object:
        asked = GetOrderByClientOidReqBuilder().set_client_oid(client_id).build()
        return self.orders.get_order_by_client_oid(asked)

    def _order(self, client_id: str) -> dict:
        found = self._found(client_id)
        return {
            "id": found.id,
            "client_id": found.client_oid,
            "state": state(is_active=found.is_active, was_cancelled=found.cancel_exist),
            "quantity": found.size * self.lot,
            "price": found.price,
        }


run(Client)
