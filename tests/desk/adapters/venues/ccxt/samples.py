"""Orders that the tests of this folder send."""

from datetime import UTC, datetime
from decimal import Decimal

from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType, TimeInForce

BTC = "BTC/USDT:USDT"
ETH = "ETH/USDT:USDT"


def intent(client_order_id: str = "sd-1", **changes: object) -> OrderIntent:
    values: dict = {
        "account": "a",
        "strategy": "s",
        "instrument": BTC,
        "candle_close": datetime(2026, 1, 14, tzinfo=UTC),
        "side": Side.BUY,
        "type": OrderType.MARKET,
        "quantity": Decimal("0.002"),
    }
    return OrderIntent(client_order_id, **{**values, **changes})


def resting(client_order_id: str = "sd-1", price: str = "90000") -> OrderIntent:
    return intent(client_order_id, type=OrderType.LIMIT, price=Decimal(price), time_in_force=TimeInForce.GTC)
