"""Tells orders, trades and positions as Aster does: strings, whole numbers, milliseconds."""

from decimal import Decimal

from desk.matching.valuation import MarketNow
from desk.model.instrument import Instrument
from desk.model.orders import OrderState
from simulator.account import Account
from simulator.dialects.aster.rules import VENUE, milliseconds, symbol_of, text
from simulator.reasons import Reason
from simulator.records import Event, PlacedOrder

Told = dict[str, object]

_STATES = {
    OrderState.ACKED: "NEW",
    OrderState.PARTIAL: "PARTIALLY_FILLED",
    OrderState.FILLED: "FILLED",
    OrderState.CANCELLED: "CANCELED",
}


def tell_order(account: Account, placed: PlacedOrder, *, acknowledged: bool = False) -> Told:
    """Tell how an order stands; an acknowledgement tells a market order as if nothing had happened yet."""
    order, intent = placed.order, placed.intent
    is_limit = placed.details.get("type") == "LIMIT"
    filled = Decimal(0) if acknowledged else order.filled_quantity
    paid = sum((fill.price * fill.quantity for fill in order.fills), Decimal(0)) if filled else Decimal(0)
    return {
        "orderId": placed.number,
        "symbol": symbol_of(intent.instrument),
        "status": "NEW" if acknowledged else _state(placed),
        "clientOrderId": placed.client_id,
        "price": text(intent.price) if is_limit and intent.price else "0",
        "avgPrice": text((paid / filled).quantize(Decimal("0.00001"))) if filled else "0.00000",
        "origQty": text(intent.quantity),
        "executedQty": text(filled),
        "cumQuote": text(paid),
        "timeInForce": placed.details.get("timeInForce", "GTC"),
        "type": placed.details.get("type", "MARKET"),
        "origType": placed.details.get("type", "MARKET"),
        "reduceOnly": intent.reduce_only,
        "closePosition": bool(placed.details.get("closePosition")),
        "side": intent.side.name,
        "positionSide": "BOTH",
        "stopPrice": "0" if is_limit or intent.price is None else text(intent.price),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "time": milliseconds(placed.created_at),
        "updateTime": milliseconds(order.at),
    }


def _state(placed: PlacedOrder) -> str:
    """An order that ended without anybody asking has expired."""
    if placed.order.state is OrderState.CANCELLED and placed.order.reason != Reason.ON_REQUEST:
        return "EXPIRED"
    return _STATES[placed.order.state]


def tell_trade(event: Event) -> Told:
    """Tell a fill; what it cost is below 0."""
    assert event.booked is not None, f"event {event.id} is no fill"
    assert event.order is not None, f"fill {event.id} has no order"
    fill, profit = event.booked
    maker = event.order.details.get("type") == "LIMIT" and event.batch != event.order.number
    return {
        "id": event.id,
        "orderId": event.order.number,
        "symbol": symbol_of(fill.instrument),
        "side": fill.side.name,
        "positionSide": "BOTH",
        "price": text(fill.price),
        "qty": text(fill.quantity),
        "quoteQty": text(fill.price * fill.quantity),
        "commission": text(-fill.fee),
        "commissionAsset": fill.fee_currency,
        "realizedPnl": text(profit),
        "maker": maker,
        "buyer": fill.side.sign > 0,
        "time": milliseconds(event.at),
    }


def tell_position(account: Account, instrument: Instrument, market: MarketNow, leverage: int) -> Told:
    """Tell a position, a flat one too."""
    holding, quote = account.book.holdings.get(instrument.name), market.quotes.get(instrument.name)
    position = holding.position if holding else None
    return {
        "symbol": symbol_of(instrument.name),
        "positionAmt": text(position.quantity) if position else "0",
        "entryPrice": text(position.average_price.quantize(Decimal("0.00001"))) if position else "0.0",
        "markPrice": text(quote.mid) if quote else "0",
        "unRealizedProfit": text(position.unrealised_profit(quote)) if position and quote else "0",
        "liquidationPrice": "0",
        "leverage": str(leverage),
        "marginType": "cross",
        "isolatedMargin": "0",
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "maxNotionalValue": "100000000",
        "updateTime": milliseconds(position.opened_at) if position else 0,
    }


def tell_instrument(instrument: Instrument) -> Told:
    """Tell what can be traded, and on which grid."""
    grid = {"maxQty": "1000000", "minQty": text(instrument.minimum_quantity), "stepSize": text(instrument.lot)}
    prices = {"minPrice": text(instrument.tick), "maxPrice": "10000000", "tickSize": text(instrument.tick)}
    return {
        "symbol": symbol_of(instrument.name),
        "pair": symbol_of(instrument.name),
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_577_836_800_000,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.quote,
        "pricePrecision": 5,
        "quantityPrecision": 5,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.010000",
        "marketTakeBound": "0.30",
        "filters": [
            {"filterType": "PRICE_FILTER", **prices},
            {"filterType": "LOT_SIZE", **grid},
            {"filterType": "MARKET_LOT_SIZE", **grid},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 100},
            {"filterType": "MIN_NOTIONAL", "notional": text(instrument.minimum_notional)},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.1", "multiplierDown": "0.9", "multiplierDecimal": "4"},
        ],
        "OrderType": ["LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"],
        "orderTypes": ["LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "HIDDEN"],
    }


def fee_rates(instrument: Instrument) -> Told:
    """Tell what trading costs, as fractions."""
    fees = VENUE.fees
    return {
        "symbol": symbol_of(instrument.name),
        "makerCommissionRate": text(fees.maker_bps / 10_000),
        "takerCommissionRate": text(fees.taker_bps / 10_000),
    }
