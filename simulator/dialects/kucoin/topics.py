"""What KuCoin's spot host tells by WebSocket: prices, candles, orders, balances."""

from collections.abc import Sequence
from decimal import Decimal

from desk.model.books import Quote
from simulator.account import Account
from simulator.dialects.kucoin.public import MINUTES, tell_candle, tell_quote
from simulator.dialects.kucoin.rules import order_id, symbol_of
from simulator.dialects.kucoin.telling import Told
from simulator.dialects.kucoin_common.candles import rows_to
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.spelling import milliseconds, nanoseconds, text
from simulator.dialects.kucoin_common.streams import Message, News, changes_of, events_of
from simulator.dialects.kucoin_common.wallets import held_for_orders, spot_balances
from simulator.records import Event, EventKind, PlacedOrder

_TICKER, _CANDLES = "/market/ticker:", "/market/candles:"
_ORDERS, _BALANCES = ("/spotMarket/tradeOrdersV2", "/spotMarket/tradeOrders"), "/account/balance"


class SpotTopics:
    """Implements `Topics` for the spot host."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._exchange = customers.exchange

    def news_of(self, topic: str, account: Account | None) -> Sequence[News]:
        """Return what a topic tells."""
        if topic.startswith(_TICKER):
            return [self._prices(symbol) for symbol in topic.removeprefix(_TICKER).split(",")]
        if topic.startswith(_CANDLES):
            return [self._candles(one) for one in topic.removeprefix(_CANDLES).split(",") if _type_of(one) in MINUTES]
        if account is None:
            return []
        if topic in _ORDERS:
            return [self._orders(account, topic)]
        return [events_of(self._customers, account, _Balances(account).told)] if topic == _BALANCES else []

    def _orders(self, account: Account, topic: str) -> News:
        async def told(event: Event) -> list[Message]:
            return _tell_event(topic, event)

        return events_of(self._customers, account, told)

    def _prices(self, symbol: str) -> News:
        async def read() -> Message | None:
            quote = await self._quote(symbol)
            if quote is None:
                return None
            data = {**tell_quote(quote), "time": milliseconds(quote.at)}
            del data["sequence"]
            return {"topic": f"{_TICKER}{symbol}", "subject": "trade.ticker", "data": data}

        return changes_of(read, but_for="time")

    def _candles(self, wanted: str) -> News:
        symbol, _, kind = wanted.partition("_")

        async def read() -> Message | None:
            now = self._exchange.clock.now()
            end, length = milliseconds(now) // 1_000 + 1, MINUTES[kind] * 60
            rows = await rows_to(self._exchange, symbol.replace("-", "/"), length, end=end, count=1)
            if not rows:
                return None
            data = {"symbol": symbol, "candles": tell_candle(rows[-1]), "time": nanoseconds(now)}
            return {"topic": f"{_CANDLES}{wanted}", "subject": "trade.candles.update", "data": data}

        return changes_of(read, but_for="time")

    async def _quote(self, symbol: str) -> Quote | None:
        name = symbol.replace("-", "/")
        if name not in await self._customers.instruments():
            return None
        return (await self._exchange.quotes([name])).get(name)


def _type_of(wanted: str) -> str:
    return wanted.partition("_")[2]


def _tell_event(topic: str, event: Event) -> list[Message]:
    """Tell what happened to an order: that it came, that it rests, every match, its end."""
    placed = event.order
    if placed is None or event.kind is EventKind.REJECTED:
        return []
    envelope = {"topic": topic, "subject": "orderChange", "channelType": "private"}
    return [{**envelope, "data": data} for data in _changes(event, placed)]


def _changes(event: Event, placed: PlacedOrder) -> list[Told]:
    told = _tell_order(event, placed)
    if event.kind is EventKind.CREATED:
        rests = {**told, "type": "open", "status": "open"}
        received = {**told, "type": "received", "status": "new"}
        return [received, rests] if placed.details["type"] == "limit" else [received]
    if event.kind is EventKind.CANCELLED:
        return [{**told, "type": "canceled", "status": "done"}]
    assert event.booked is not None, f"event {event.id} is no fill"
    fill = event.booked.fill
    liquidity = "taker" if event.batch == placed.number else "maker"
    trade = {"matchPrice": text(fill.price), "matchSize": text(fill.quantity), "liquidity": liquidity}
    match = {**told, **trade, "tradeId": str(event.id), "feeType": f"{liquidity}Fee", "type": "match"}
    is_done = not placed.is_working
    filled = [{**told, "type": "filled", "status": "done"}] if is_done else []
    return [{**match, "status": "match"}, *filled]


def _tell_order(event: Event, placed: PlacedOrder) -> Told:
    intent, order = placed.intent, placed.order
    left = intent.quantity - order.filled_quantity
    return {
        "clientOid": placed.client_id,
        "orderId": order_id(placed.number),
        "orderTime": milliseconds(placed.created_at),
        "orderType": placed.details["type"],
        "originSize": text(intent.quantity),
        "size": text(intent.quantity),
        "filledSize": text(order.filled_quantity),
        "remainSize": text(left) if placed.is_working else "0",
        "canceledSize": text(left) if event.kind is EventKind.CANCELLED else "0",
        "price": text(intent.price or Decimal(0)),
        "side": intent.side.value,
        "symbol": symbol_of(intent.instrument),
        "ts": nanoseconds(event.at),
    }


class _Balances:
    """Compares the balances with those that were told last."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._told = _balances(account)

    async def told(self, event: Event) -> list[Message]:
        """Tell each currency whose balance has changed."""
        now, before = _balances(self._account), self._told
        self._told = now
        changed = [name for name in {**before, **now} if now.get(name) != before.get(name)]
        return [self._message(name, event, now.get(name, _EMPTY), before.get(name, _EMPTY)) for name in changed]

    def _message(
        self, currency: str, event: Event, now: tuple[Decimal, Decimal], before: tuple[Decimal, Decimal]
    ) -> Message:
        (total, held), (total_before, held_before) = now, before
        data = {
            "accountId": f"trade-{currency}",
            "currency": currency,
            "total": text(total),
            "available": text(total - held),
            "hold": text(held),
            "availableChange": text(total - held - total_before + held_before),
            "holdChange": text(held - held_before),
            "relationContext": {"orderId": order_id(event.order.number)} if event.order else {},
            "relationEvent": "trade.setted" if event.kind is EventKind.FILLED else "trade.hold",
            "relationEventId": str(event.id),
            "time": str(milliseconds(event.at)),
        }
        return {"topic": _BALANCES, "subject": "account.balance", "channelType": "private", "data": data}


_EMPTY = (Decimal(0), Decimal(0))


def _balances(account: Account) -> dict[str, tuple[Decimal, Decimal]]:
    held = held_for_orders(account)
    return {name: (total, held.get(name, Decimal(0))) for name, total in spot_balances(account).items()}
