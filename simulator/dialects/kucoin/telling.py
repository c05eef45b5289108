"""Tells spot orders, fills and markets as KuCoin does: strings, and whole milliseconds."""

from decimal import Decimal

from desk.model.instrument import Instrument
from desk.model.orders import OrderState, OrderType
from simulator.account import Account
from simulator.dialects.kucoin.rules import VENUE, order_id, symbol_of
from simulator.dialects.kucoin_common.spelling import milliseconds, text
from simulator.records import Event, PlacedOrder

Told = dict[str, object]

_NOTHING = Decimal(0)


def spent(placed: PlacedOrder) -> Decimal:
    """Return what an order's fills were worth."""
    return sum((fill.price * fill.quantity for fill in placed.order.fills), _NOTHING)


def tell_order(placed: PlacedOrder) -> Told:
    """Tell how an order stands."""
    intent, order, details = placed.intent, placed.order, placed.details
    is_cancelled, left = order.state is OrderState.CANCELLED, intent.quantity - order.filled_quantity
    asked = details.get("funds") or (intent.price * intent.quantity if intent.price else _NOTHING)
    assert isinstance(asked, Decimal), f"order {placed.number} has funds that are no number"
    left_funds = max(_NOTHING, asked - spent(placed))
    nothing_more = not placed.is_working
    return {
        "id": order_id(placed.number),
        "clientOid": placed.client_id or None,
        "symbol": symbol_of(intent.instrument),
        "opType": "DEAL",
        "type": details["type"],
        "side": intent.side.value,
        "price": text(intent.price or _NOTHING),
        "size": "0" if "funds" in details else text(intent.quantity),
        "funds": text(asked),
        "dealSize": text(order.filled_quantity),
        "dealFunds": text(spent(placed)),
        "remainSize": "0" if nothing_more else text(left),
        "remainFunds": "0" if is_cancelled else text(left_funds),
        "cancelledSize": text(left) if is_cancelled else "0",
        "cancelledFunds": text(left_funds) if is_cancelled else "0",
        "fee": text(sum((fill.fee for fill in order.fills), _NOTHING)),
        "feeCurrency": VENUE.currency,
        **{name: details.get(name) for name in ("stp", "timeInForce", "postOnly", "hidden", "iceberg")},
        "visibleSize": "0",
        "cancelAfter": details.get("cancelAfter", 0),
        "channel": "API",
        "remark": details.get("remark"),
        "tags": details.get("tags"),
        "cancelExist": is_cancelled,
        "tradeType": "TRADE",
        "inOrderBook": placed.is_working and intent.type is OrderType.LIMIT,
        "active": placed.is_working,
        "tax": "0",
        "createdAt": milliseconds(placed.created_at),
        "lastUpdatedAt": milliseconds(order.at),
    }


def tell_outcome(account: Account, placed: PlacedOrder) -> Told:
    """Tell what the paths that wait for the matching answer with."""
    order = placed.order
    left = placed.intent.quantity - order.filled_quantity
    return {
        "orderId": order_id(placed.number),
        "clientOid": placed.client_id or None,
        "orderTime": milliseconds(placed.created_at),
        "originSize": text(placed.intent.quantity),
        "dealSize": text(order.filled_quantity),
        "remainSize": text(left) if placed.is_working else "0",
        "canceledSize": text(left) if order.state is OrderState.CANCELLED else "0",
        "status": "open" if placed.is_working else "done",
        "matchTime": milliseconds(account.orders[placed.number].order.at),
    }


def tell_fill(event: Event) -> Told:
    """Tell a fill."""
    assert event.booked is not None, f"event {event.id} is no fill"
    assert event.order is not None, f"fill {event.id} has no order"
    fill, is_maker = event.booked.fill, event.batch != event.order.number
    return {
        "id": event.id,
        "orderId": order_id(event.order.number),
        "counterOrderId": order_id(0),
        "tradeId": event.id,
        "symbol": symbol_of(fill.instrument),
        "side": fill.side.value,
        "liquidity": "maker" if is_maker else "taker",
        "type": event.order.details["type"],
        "forceTaker": False,
        "price": text(fill.price),
        "size": text(fill.quantity),
        "funds": text(fill.price * fill.quantity),
        "fee": text(fill.fee),
        "feeRate": text((VENUE.fees.maker_bps if is_maker else VENUE.fees.taker_bps) / 10_000),
        "feeCurrency": fill.fee_currency,
        "stop": "",
        "tradeType": "TRADE",
        "taxRate": "0",
        "tax": "0",
        "createdAt": milliseconds(event.at),
    }


def tell_symbol(instrument: Instrument, *, tradable: bool) -> Told:
    """Tell what can be traded, and on which grid."""
    symbol = symbol_of(instrument.name)
    staged = ("PriceFloor", "PriceCeiling", "FirstStageStartTime", "SecondStageStartTime", "ThirdStageStartTime")
    return {
        "symbol": symbol,
        "name": symbol,
        "baseCurrency": instrument.base,
        "quoteCurrency": instrument.quote,
        "feeCurrency": instrument.quote,
        "market": "USDS",
        "baseMinSize": text(instrument.minimum_quantity),
        "quoteMinSize": "0.1",
        "baseMaxSize": "10000000000",
        "quoteMaxSize": "99999999",
        "baseIncrement": text(instrument.lot),
        "quoteIncrement": "0.000001",
        "priceIncrement": text(instrument.tick),
        "priceLimitRate": "0.1",
        "minFunds": text(instrument.minimum_notional),
        "isMarginEnabled": False,
        "enableTrading": tradable,
        "feeCategory": 1,
        "makerFeeCoefficient": "1.00",
        "takerFeeCoefficient": "1.00",
        "st": False,
        "callauctionIsEnabled": False,
        **{f"callauction{name}": None for name in staged},
        "tradingStartTime": None,
    }
