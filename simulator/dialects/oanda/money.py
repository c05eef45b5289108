"""The money side of OANDA: instruments, prices, the account's summary and its positions."""

from collections.abc import Iterable
from decimal import Decimal

from desk.matching.valuation import MarketNow, equity
from desk.model.books import Position, Quote
from desk.model.instrument import Instrument, InstrumentKind, Side
from simulator.dialects.oanda.rules import MARGIN_RATE
from simulator.dialects.oanda.session import Customer
from simulator.dialects.oanda.spelling import money, precision, price, spelled, time, units
from simulator.dialects.oanda.telling import Told
from simulator.dialects.oanda.trades import Trade
from simulator.records import EventKind

_LIQUIDITY = 10_000_000


def tell_instrument(instrument: Instrument) -> Told:
    """Tell what can be traded, and on which grid."""
    decimals = precision(instrument)
    return {
        "name": spelled(instrument.name),
        "type": "METAL" if instrument.kind is InstrumentKind.METAL else "CURRENCY",
        "displayName": instrument.name,
        "pipLocation": 1 - decimals,
        "displayPrecision": decimals,
        "tradeUnitsPrecision": max(0, -int(instrument.lot.normalize().as_tuple().exponent)),
        "minimumTradeSize": units(instrument.minimum_quantity),
        "maximumTrailingStopDistance": price(instrument.tick * 100_000, instrument),
        "minimumTrailingStopDistance": price(instrument.tick * 50, instrument),
        "maximumPositionSize": "0",
        "maximumOrderUnits": "100000000",
        "marginRate": f"{MARGIN_RATE.normalize():f}",
        "guaranteedStopLossOrderMode": "DISABLED",
        "tags": [],
        "financing": {"longRate": "0", "shortRate": "0", "financingDaysOfWeek": []},
    }


def tell_quote(quote: Quote, instrument: Instrument, style: str) -> Told:
    """Tell a price with one level on each side."""
    bid, ask = price(quote.bid, instrument), price(quote.ask, instrument)
    return {
        "type": "PRICE",
        "instrument": spelled(quote.instrument),
        "time": time(quote.at, style),
        "tradeable": quote.tradable,
        "status": "tradeable" if quote.tradable else "non-tradeable",
        "bids": [{"price": bid, "liquidity": _LIQUIDITY}],
        "asks": [{"price": ask, "liquidity": _LIQUIDITY}],
        "closeoutBid": bid,
        "closeoutAsk": ask,
    }


def tell_conversions(market: MarketNow) -> list[Told]:
    """Tell what one unit of each quote currency is worth at home."""
    return [
        {
            "currency": currency,
            "accountGain": f"{rate:.8f}",
            "accountLoss": f"{rate:.8f}",
            "positionValue": f"{rate:.8f}",
        }
        for currency, rate in sorted(market.rates.items())
    ]


async def tell_summary(customer: Customer) -> Told:
    """Tell the account's money."""
    account, market = customer.account, await customer.exchange.market(customer.account)
    worth = equity(account.book, market)
    value = sum((_value(position, market) for position in account.book.positions), Decimal(0))
    used = value * MARGIN_RATE
    open_trades = [trade for trade in customer.trades.trades.values() if trade.current]
    share = used / worth / 2 if worth > 0 else Decimal(1)
    return {
        "id": account.name,
        "alias": "simulator",
        "currency": account.book.currency,
        "createdTime": time(account.opened_at),
        "createdByUserID": 1,
        "balance": money(account.book.cash),
        "NAV": money(worth),
        "unrealizedPL": money(worth - account.book.cash),
        "pl": money(sum(_profits(customer, None), Decimal(0))),
        "resettablePL": money(sum(_profits(customer, None), Decimal(0))),
        "financing": "0.0000",
        "commission": "0.0000",
        "marginRate": f"{MARGIN_RATE.normalize():f}",
        "marginUsed": money(used),
        "marginAvailable": money(max(Decimal(0), worth - used)),
        "withdrawalLimit": money(max(Decimal(0), worth - used)),
        "positionValue": money(value),
        "marginCloseoutNAV": money(worth),
        "marginCloseoutMarginUsed": money(used),
        "marginCloseoutPercent": f"{share:.5f}",
        "marginCallPercent": f"{share * 2:.5f}",
        "openTradeCount": len(open_trades),
        "openPositionCount": len(account.book.positions),
        "pendingOrderCount": len(account.working),
        "hedgingEnabled": False,
        "lastTransactionID": customer.last_id,
    }


async def tell_positions(customer: Customer, *, flat: bool) -> list[Told]:
    """Tell every position; on request those too that are flat now."""
    market = await customer.exchange.market(customer.account)
    traded = {
        event.booked.fill.instrument
        for event in customer.account.events
        if event.booked is not None and (flat or event.booked.fill.instrument in customer.account.book.holdings)
    }
    return [tell_position(customer, market, name) for name in sorted(traded)]


def tell_position(customer: Customer, market: MarketNow, name: str) -> Told:
    """Tell both sides of one instrument."""
    holding = customer.account.book.holdings.get(name)
    position = holding.position if holding else None
    open_profit = _open_profit(position, market) if position else Decimal(0)
    sides = {side: _side(customer, market, name, side, position) for side in Side}
    return {
        "instrument": spelled(name),
        "pl": money(sum(_profits(customer, name), Decimal(0))),
        "resettablePL": money(sum(_profits(customer, name), Decimal(0))),
        "unrealizedPL": money(open_profit),
        "marginUsed": money(_value(position, market) * MARGIN_RATE if position else Decimal(0)),
        "commission": "0.0000",
        "long": sides[Side.BUY],
        "short": sides[Side.SELL],
    }


def _side(customer: Customer, market: MarketNow, name: str, side: Side, position: Position | None) -> Told:
    told: Told = {"units": "0", "pl": "0.0000", "resettablePL": "0.0000", "unrealizedPL": "0.0000"}
    if position is None or position.side is not side:
        return told
    decimals = precision(customer.instruments[name])
    return told | {
        "units": units(position.quantity),
        "averagePrice": f"{position.average_price:.{decimals}f}",
        "tradeIDs": [str(trade.id) for trade in customer.trades.open_in(name)],
        "unrealizedPL": money(_open_profit(position, market)),
    }


def tell_pending(customer: Customer) -> list[Told]:
    """Tell the working orders, newest first."""
    return [customer.tell.order(order) for order in reversed(customer.orders()) if order.is_working]


def tell_open_trades(customer: Customer, market: MarketNow) -> list[Told]:
    """Tell the open trades with their present profits, newest first."""
    open_trades = [trade for trade in customer.trades.trades.values() if trade.current]
    return [
        customer.tell.trade(trade) | {"unrealizedPL": money(_trade_profit(trade, market))}
        for trade in reversed(open_trades)
    ]


def _trade_profit(trade: Trade, market: MarketNow) -> Decimal:
    quote = market.quotes[trade.instrument]
    exit_price = quote.bid if trade.current > 0 else quote.ask
    return trade.current * (exit_price - trade.price) * (market.rate(trade.instrument) or Decimal(1))


def _open_profit(position: Position, market: MarketNow) -> Decimal:
    rate = market.rate(position.instrument) or Decimal(1)
    return position.unrealised_profit(market.quotes[position.instrument]) * rate


def _value(position: Position, market: MarketNow) -> Decimal:
    rate = market.rate(position.instrument) or Decimal(1)
    return abs(position.quantity) * market.quotes[position.instrument].mid * rate


def _profits(customer: Customer, name: str | None) -> Iterable[Decimal]:
    for event in customer.account.events:
        if event.kind is EventKind.FILLED and event.booked and name in (None, event.booked.fill.instrument):
            yield event.booked.realised_profit
