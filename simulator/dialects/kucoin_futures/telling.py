"""Tells futures orders, fills, positions and contracts as KuCoin does: lots, numbers and strings side by side."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from desk.matching.valuation import MarketNow
from desk.model.books import Quote
from desk.model.instrument import Instrument, Side
from desk.model.orders import OrderState
from desk.model.timeframe import Timeframe
from simulator.account import Account
from simulator.dialects.kucoin_common.spelling import milliseconds, nanoseconds, text
from simulator.dialects.kucoin_futures.rules import VENUE, code_of, multiplier_of, order_id, symbol_of
from simulator.dialects.kucoin_futures.settings import Setting
from simulator.records import Event, PlacedOrder, Role

Told = dict[str, object]

_NOTHING = Decimal(0)
_CENT = Decimal("0.00000001")


def lots(instrument: Instrument, quantity: Decimal) -> int:
    """Return whole lots of base units."""
    return int(quantity / multiplier_of(instrument))


def rounded(amount: Decimal) -> Decimal:
    """Return an amount of money as it is told."""
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def stop_of(placed: PlacedOrder) -> str:
    """Return in which direction the price triggers an order, empty for one that waits for nothing."""
    if placed.role is Role.PLAIN:
        return str(placed.details.get("stop", ""))
    return "down" if (placed.role is Role.TARGET) is (placed.intent.side is Side.BUY) else "up"


def tell_order(instrument: Instrument, placed: PlacedOrder) -> Told:
    """Tell how an order stands."""
    intent, order, details = placed.intent, placed.order, placed.details
    worth = sum((fill.price * fill.quantity for fill in order.fills), _NOTHING)
    filled, is_stop, is_guard = order.filled_quantity, bool(stop_of(placed)), placed.role is not Role.PLAIN
    price = intent.price or _NOTHING
    return {
        "id": order_id(placed.number),
        "symbol": symbol_of(intent.instrument),
        "type": details.get("type", "market"),
        "side": intent.side.value,
        "price": "0" if is_stop else text(price),
        "size": lots(instrument, order.quantity if is_guard else intent.quantity),
        "value": text(rounded(price * intent.quantity or worth)),
        "dealValue": text(worth),
        "dealSize": lots(instrument, filled),
        "stp": details.get("stp") or "",
        "stop": stop_of(placed),
        "stopPriceType": (details.get("stopPriceType") or "TP") if is_stop else "",
        "stopTriggered": is_stop and filled > 0,
        "stopPrice": text(price) if is_stop else None,
        "timeInForce": details.get("timeInForce", "GTC"),
        **{name: bool(details.get(name)) for name in ("postOnly", "hidden", "iceberg", "forceHold")},
        "leverage": text(leverage) if isinstance(leverage := details.get("leverage"), Decimal) else "1",
        "closeOrder": is_guard or bool(details.get("closeOrder")),
        "visibleSize": 0,
        "clientOid": placed.client_id,
        "remark": details.get("remark"),
        "tags": details.get("tags", ""),
        "isActive": placed.is_working,
        "cancelExist": order.state is OrderState.CANCELLED,
        "createdAt": milliseconds(placed.created_at),
        "updatedAt": milliseconds(order.at),
        "endAt": None if placed.is_working else milliseconds(order.at),
        "orderTime": nanoseconds(placed.created_at),
        "settleCurrency": instrument.quote,
        "marginMode": details.get("marginMode", "ISOLATED"),
        "avgDealPrice": text(rounded(worth / filled)) if filled else "0",
        "filledSize": lots(instrument, filled),
        "filledValue": text(worth),
        "status": "open" if placed.is_working else "done",
        "reduceOnly": intent.reduce_only,
    }


def tell_fill(instrument: Instrument, event: Event) -> Told:
    """Tell a fill."""
    assert event.booked is not None, f"event {event.id} is no fill"
    assert event.order is not None, f"fill {event.id} has no order"
    fill, profit = event.booked
    is_maker, kind = event.batch != event.order.number, event.order.details.get("type", "market")
    return {
        "symbol": symbol_of(fill.instrument),
        "tradeId": str(event.id),
        "orderId": order_id(event.order.number),
        "side": fill.side.value,
        "liquidity": "maker" if is_maker else "taker",
        "forceTaker": False,
        "price": text(fill.price),
        "size": lots(instrument, fill.quantity),
        "value": text(fill.price * fill.quantity),
        "openFeePay": "0" if profit else text(fill.fee),
        "closeFeePay": text(fill.fee) if profit else "0",
        "stop": stop_of(event.order),
        "feeRate": text((VENUE.fees.maker_bps if is_maker else VENUE.fees.taker_bps) / 10_000),
        "fixFee": "0",
        "feeCurrency": fill.fee_currency,
        "subTradeType": None,
        "marginMode": event.order.details.get("marginMode", "ISOLATED"),
        "openFeeTaxPay": "0",
        "closeFeeTaxPay": "0",
        "displayType": kind,
        "fee": text(fill.fee),
        "settleCurrency": fill.fee_currency,
        "orderType": kind,
        "tradeType": "trade",
        "tradeTime": nanoseconds(event.at),
        "createdAt": milliseconds(event.at),
    }


def tell_position(account: Account, instrument: Instrument, market: MarketNow, setting: Setting) -> Told:
    """Tell a position, a flat one too; its numbers are JSON numbers."""
    holding, quote = account.book.holdings.get(instrument.name), market.quotes.get(instrument.name)
    position, now = holding.position if holding else None, milliseconds(market.at)
    cost = position.cost if position else _NOTHING
    profit = position.unrealised_profit(quote) if position and quote else _NOTHING
    mark = quote.mid if quote else _NOTHING
    margin, leverage = rounded(abs(cost) / setting.leverage), setting.leverage
    share = rounded(profit / abs(cost)) if cost else _NOTHING
    return {
        "id": f"position-{symbol_of(instrument.name)}",
        "symbol": symbol_of(instrument.name),
        "autoDeposit": False,
        "crossMode": setting.mode == "CROSS",
        "maintMarginReq": Decimal("0.004"),
        "riskLimit": 100_000,
        "realLeverage": leverage,
        "delevPercentage": Decimal("0.1"),
        "openingTimestamp": milliseconds(position.opened_at) if position else None,
        "currentTimestamp": now,
        "currentQty": lots(instrument, position.quantity) if position else 0,
        "currentCost": cost,
        "currentComm": _NOTHING,
        "unrealisedCost": cost,
        "realisedGrossCost": _NOTHING,
        "realisedCost": _NOTHING,
        "isOpen": position is not None,
        "markPrice": mark,
        "markValue": mark * position.quantity if position else _NOTHING,
        "posCost": cost,
        "posInit": margin,
        "posMargin": margin,
        "posMaint": rounded(abs(cost) * Decimal("0.004")),
        "maintMargin": margin + rounded(profit),
        "realisedGrossPnl": _NOTHING,
        "realisedPnl": _NOTHING,
        "unrealisedPnl": rounded(profit),
        "unrealisedPnlPcnt": share,
        "unrealisedRoePcnt": share * leverage,
        "avgEntryPrice": rounded(position.average_price) if position else _NOTHING,
        "liquidationPrice": _NOTHING,
        "bankruptPrice": _NOTHING,
        "settleCurrency": instrument.quote,
        "isInverse": False,
        "maintainMargin": Decimal("0.004"),
        "riskLimitLevel": 1,
        "marginMode": setting.mode,
        "positionSide": "BOTH",
        "leverage": leverage,
    }


def tell_contract(instrument: Instrument, quote: Quote | None, now: datetime) -> Told:
    """Tell a contract; its numbers are JSON numbers, and the next funding is told in milliseconds from now."""
    base, price = code_of(instrument.base), quote.mid if quote else _NOTHING
    funding_at = Timeframe.H4.floor(now) + timedelta(hours=4)
    settling = {"baseCurrency": base, "quoteCurrency": instrument.quote, "settleCurrency": instrument.quote}
    prices = dict.fromkeys(("markPrice", "indexPrice", "lastTradePrice", "lowPrice", "highPrice"), price)
    return {
        "symbol": symbol_of(instrument.name),
        "rootSymbol": instrument.quote,
        "type": "FFWCSX",
        "firstOpenDate": 1_585_555_200_000,
        "expireDate": None,
        "settleDate": None,
        **settling,
        "maxOrderQty": 1_000_000,
        "maxPrice": 1_000_000,
        "lotSize": 1,
        "tickSize": instrument.tick,
        "indexPriceTickSize": instrument.tick,
        "multiplier": multiplier_of(instrument),
        "initialMargin": Decimal("0.05"),
        "maintainMargin": Decimal("0.004"),
        "maxRiskLimit": 100_000,
        "minRiskLimit": 100_000,
        "riskStep": 50_000,
        "makerFeeRate": VENUE.fees.maker_bps / 10_000,
        "takerFeeRate": VENUE.fees.taker_bps / 10_000,
        "takerFixFee": 0,
        "makerFixFee": 0,
        "settlementFee": None,
        "isDeleverage": True,
        "isQuanto": False,
        "isInverse": False,
        "markMethod": "FairPrice",
        "fairMethod": "FundingRate",
        "fundingRateSymbol": f".{symbol_of(instrument.name)}FPI8H",
        "indexSymbol": f".K{base}{instrument.quote}",
        "settlementSymbol": "",
        "status": "Open" if quote is not None and quote.tradable else "Paused",
        "fundingFeeRate": Decimal("0.0001"),
        "predictedFundingFeeRate": Decimal("0.0001"),
        "fundingRateGranularity": 14_400_000,
        "openInterest": "6748176",
        "turnoverOf24h": 0,
        "volumeOf24h": 0,
        **prices,
        "nextFundingRateTime": (funding_at - now) // timedelta(milliseconds=1),
        "nextFundingRateDateTime": milliseconds(funding_at),
        "maxLeverage": int(VENUE.leverage),
        "priceChgPct": 0,
        "priceChg": 0,
        "supportCross": True,
    }


def tell_quote(instrument: Instrument, quote: Quote) -> Told:
    """Tell the best prices, their time in nanoseconds."""
    at = nanoseconds(quote.at)
    return {
        "sequence": at // 1_000_000,
        "symbol": symbol_of(instrument.name),
        "side": "sell",
        "size": 100,
        "tradeId": str(at // 1_000_000),
        "price": text(quote.bid),
        "bestBidPrice": text(quote.bid),
        "bestBidSize": 100,
        "bestAskPrice": text(quote.ask),
        "bestAskSize": 100,
        "ts": at,
    }
