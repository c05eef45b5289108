"""What KuCoin's futures host tells by WebSocket: prices, orders, positions, money."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal

from desk.model.instrument import Instrument
from simulator.account import Account
from simulator.dialects.base import Refused
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.spelling import milliseconds, nanoseconds, text
from simulator.dialects.kucoin_common.streams import Message, News, changes_of, events_of
from simulator.dialects.kucoin_futures.contracts import contract_of
from simulator.dialects.kucoin_futures.money import Money
from simulator.dialects.kucoin_futures.rules import order_id, symbol_of
from simulator.dialects.kucoin_futures.telling import Told, lots, stop_of, tell_quote
from simulator.records import Event, EventKind, PlacedOrder

_TICKER, _ORDERS = "/contractMarket/tickerV2:", "/contractMarket/tradeOrders"
_POSITIONS, _POSITION = "/contract/positionAll", "/contract/position:"
_WALLET = "/contractAccount/wallet"
_QUOTE_FIELDS = ("symbol", "bestBidSize", "bestBidPrice", "bestAskPrice", "bestAskSize", "ts")


class FuturesTopics:
    """Implements `Topics` for the futures host."""

    def __init__(self, customers: Customers, money: Money) -> None:
        self._customers = customers
        self._exchange = customers.exchange
        self._money = money

    def news_of(self, topic: str, account: Account | None) -> Sequence[News]:
        """Return what a topic tells."""
        if topic.startswith(_TICKER):
            return [self._prices(symbol) for symbol in topic.removeprefix(_TICKER).split(",")]
        if account is None:
            return []
        if topic.partition(":")[0] == _ORDERS:
            return [self._orders(account, topic)]
        if topic == _POSITIONS:
            return [self._positions(account)]
        return [changes_of(self._wallet(account), but_for="timestamp")] if topic == _WALLET else []

    def _prices(self, symbol: str) -> News:
        async def read() -> Message | None:
            try:
                instrument = await contract_of(self._customers, symbol)
            except Refused:
                return None  # nothing is ever told of what is not listed
            quote = (await self._exchange.quotes([instrument.name])).get(instrument.name)
            if quote is None:
                return None
            told = tell_quote(instrument, quote)
            data = {name: told[name] for name in _QUOTE_FIELDS}
            return {"topic": f"{_TICKER}{symbol}", "subject": "tickerV2", "data": data}

        return changes_of(read, but_for="ts")

    def _orders(self, account: Account, topic: str) -> News:
        """Return what happens to orders, of one contract or of all."""
        symbol = topic.partition(":")[2]
        envelope = {"topic": topic, "subject": "symbolOrderChange", "channelType": "private"}

        async def told(event: Event) -> list[Message]:
            placed = event.order
            if placed is None or event.kind is EventKind.REJECTED:
                return []
            if symbol not in ("", symbol_of(placed.intent.instrument)):
                return []
            instrument = (await self._customers.instruments())[placed.intent.instrument]
            return [{**envelope, "data": data} for data in _changes(event, placed, instrument)]

        return events_of(self._customers, account, told)

    def _positions(self, account: Account) -> News:
        async def told(event: Event) -> list[Message]:
            if event.kind is not EventKind.FILLED or event.order is None:
                return []
            held = await self._money.tell_held(account, event.order.intent.instrument)
            data = {**held, "changeReason": "positionChange"}
            envelope = {"topic": f"{_POSITION}{held['symbol']}", "subject": "position.change", "channelType": "private"}
            return [{**envelope, "data": data}]

        return events_of(self._customers, account, told)

    def _wallet(self, account: Account) -> Callable[[], Awaitable[Message]]:
        async def read() -> Message:
            await self._customers.refresh(account)
            money = await self._money.tell_money(account)
            names = {
                "equity": "accountEquity",
                "walletBalance": "marginBalance",
                "availableBalance": "availableBalance",
            }
            data: Told = {name: text(_number(money[source])) for name, source in names.items()}
            data |= {"crossPosMargin": text(_number(money["positionMargin"])), "currency": account.book.currency}
            data |= {"crossOrderMargin": text(_number(money["orderMargin"])), "holdBalance": "0"}
            data |= {"timestamp": str(milliseconds(self._exchange.clock.told()))}
            return {"topic": _WALLET, "subject": "walletBalance.change", "channelType": "private", "data": data}

        return read


def _number(value: object) -> Decimal:
    assert isinstance(value, Decimal), f"expected an amount, found {value!r}"
    return value


def _changes(event: Event, placed: PlacedOrder, instrument: Instrument) -> list[Told]:
    """Tell that an order rests, every match, its end."""
    told = _tell_order(event, placed, instrument)
    if event.kind is EventKind.CREATED:
        return [{**told, "type": "open", "status": "open"}]
    if event.kind is EventKind.CANCELLED:
        return [{**told, "type": "canceled", "status": "done"}]
    assert event.booked is not None, f"event {event.id} is no fill"
    fill = event.booked.fill
    liquidity = "taker" if event.batch == placed.number else "maker"
    trade = {"matchPrice": text(fill.price), "matchSize": str(lots(instrument, fill.quantity)), "liquidity": liquidity}
    match = {**told, **trade, "tradeId": str(event.id), "feeType": f"{liquidity}Fee", "type": "match"}
    filled = [] if placed.is_working else [{**told, "type": "filled", "status": "done"}]
    return [{**match, "status": "match"}, *filled]


def _tell_order(event: Event, placed: PlacedOrder, instrument: Instrument) -> Told:
    intent, order = placed.intent, placed.order
    size, filled = lots(instrument, intent.quantity), lots(instrument, order.filled_quantity)
    return {
        "symbol": symbol_of(intent.instrument),
        "orderId": order_id(placed.number),
        "clientOid": placed.client_id,
        "orderType": placed.details.get("type", "market"),
        "side": intent.side.value,
        "stop": stop_of(placed),
        "size": str(size),
        "filledSize": str(filled),
        "remainSize": str(size - filled) if placed.is_working else "0",
        "canceledSize": str(size - filled) if event.kind is EventKind.CANCELLED else "0",
        "price": text(intent.price or Decimal(0)),
        "marginMode": placed.details.get("marginMode", "ISOLATED"),
        "orderTime": nanoseconds(placed.created_at),
        "ts": nanoseconds(event.at),
    }
