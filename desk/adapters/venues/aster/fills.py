"""The fills of an account: pages of trades by symbol, and the order behind each."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.catalogue import Catalogue
from desk.adapters.venues.aster.errors import NO_SUCH_ORDER
from desk.adapters.venues.aster.marks import Mark
from desk.adapters.venues.aster.orders import SIDES, exit_reason
from desk.adapters.venues.aster.wire import ORDER, TRADES, OrderWire, TradeWire, to_milliseconds
from desk.errors import InvalidOrder
from desk.model.orders import Fill, FillReason

LONGEST_WINDOW = timedelta(days=7)
PAGE = 1_000
READ_LAG = timedelta(minutes=1)
"""A fill may be readable a little later than it happened: so much is looked at again where no fill is known yet."""
_MILLISECOND = timedelta(milliseconds=1)


class FillReader:
    """Reads fills; remembers which order each belongs to, since the venue tells that by number only.

    Args:
        history: how far back the first look goes.
    """

    def __init__(self, calls: AsterCalls, catalogue: Catalogue, *, history: timedelta) -> None:
        self._calls = calls
        self._catalogue = catalogue
        self._history = history
        self._orders: dict[tuple[str, int], tuple[str, FillReason]] = {}

    async def since(
        self, marks: Mapping[str, Mark], symbols: Iterable[str]
    ) -> tuple[tuple[Fill, ...], Mapping[str, Mark]]:
        """Return the fills of `symbols` after their marks, oldest first, and their new marks; one may have none yet."""
        now = self._calls.skew.now()
        fresh = Mark(0, now - self._history)
        trades: list[TradeWire] = []
        moved: dict[str, Mark] = {}
        for symbol in sorted(symbols):
            mark = marks.get(symbol, fresh)
            found = await self._after(symbol, mark, now)
            trades += found
            last = max((trade.id for trade in found), default=mark.trade)
            moved[symbol] = Mark(last, max(mark.until, now - READ_LAG))
        return tuple([await self._fill(one) for one in sorted(trades, key=lambda one: (one.at, one.id))]), moved

    async def of_order(self, order: OrderWire) -> tuple[Fill, ...]:
        """Return the fills of an order that the venue tells of, oldest first."""
        self._orders[order.symbol, order.order_id] = _identity(order)
        if not order.filled:
            return ()
        start = min(order.created_at or order.changed_at, order.changed_at) - READ_LAG
        # A fill cannot be later than the last change of its order.
        trades = await self._between(order.symbol, start, order.changed_at + READ_LAG)
        return tuple([await self._fill(trade) for trade in trades if trade.order_id == order.order_id])

    async def from_time(self, symbol: str, start: datetime) -> tuple[Fill, ...]:
        """Return all fills of a symbol from `start` on, oldest first."""
        trades = await self._between(symbol, start, self._calls.skew.now() + READ_LAG)
        return tuple([await self._fill(trade) for trade in trades])

    async def _after(self, symbol: str, mark: Mark, now: datetime) -> list[TradeWire]:
        if mark.trade and now - mark.until < LONGEST_WINDOW - READ_LAG:
            return await self._from(symbol, mark.trade + 1)
        # Asked by number the venue may only look seven days back; by time it tells of any week.
        found = await self._between(symbol, mark.until, now)
        return [trade for trade in found if trade.id > mark.trade]

    async def _from(self, symbol: str, first: int) -> list[TradeWire]:
        """All trades whose number is `first` or larger."""
        found: dict[int, TradeWire] = {}
        while True:
            page = await self._page(symbol, fromId=first)
            found |= {trade.id: trade for trade in page if trade.id >= first}
            if len(page) < PAGE:
                return [found[number] for number in sorted(found)]
            first = max(first, *(trade.id for trade in page)) + 1

    async def _between(self, symbol: str, start: datetime, end: datetime) -> list[TradeWire]:
        """All trades from `start` to `end`, both included, in windows as long as the venue allows."""
        found: dict[int, TradeWire] = {}
        while start <= end:
            stop = min(start + LONGEST_WINDOW - _MILLISECOND, end)
            page = await self._page(symbol, startTime=to_milliseconds(start), endTime=to_milliseconds(stop))
            found |= {trade.id: trade for trade in page}
            if len(page) < PAGE:
                start = stop + _MILLISECOND
            else:
                # Full: go on at its newest millisecond, which may not be complete.
                start = max(start + _MILLISECOND, max(trade.at for trade in page))
        return [found[number] for number in sorted(found)]

    async def _page(self, symbol: str, **window: int) -> tuple[TradeWire, ...]:
        name = f"fills of {symbol}"
        return await self._calls.ask("userTrades", name, TRADES, symbol=symbol, **window, limit=PAGE)

    async def _fill(self, trade: TradeWire) -> Fill:
        client_order_id, reason = await self._order_of(trade)
        return Fill(
            venue_trade_id=f"{trade.symbol}-{trade.id}",
            client_order_id=client_order_id,
            instrument=await self._catalogue.name(trade.symbol),
            side=SIDES[trade.side],
            quantity=trade.quantity,
            price=trade.price,
            fee=_fee(trade.commission),
            fee_currency=trade.commission_asset,
            at=trade.at,
            reason=reason,
            realised_profit=trade.realised_profit,
        )

    async def _order_of(self, trade: TradeWire) -> tuple[str, FillReason]:
        key = (trade.symbol, trade.order_id)
        if key not in self._orders:
            self._orders[key] = await self._ask_for_order(trade)
        return self._orders[key]

    async def _ask_for_order(self, trade: TradeWire) -> tuple[str, FillReason]:
        name = f"order {trade.order_id} of {trade.symbol}"
        try:
            return _identity(await self._calls.ask("order", name, ORDER, symbol=trade.symbol, orderId=trade.order_id))
        except InvalidOrder as error:
            if error.code != NO_SUCH_ORDER:
                raise
            # Nobody's order, a settlement for example: the fill counts all the same.
            return f"aster-{trade.order_id}", FillReason.ORDER


def _identity(order: OrderWire) -> tuple[str, FillReason]:
    return order.client_order_id, exit_reason(order)


def _fee(commission: Decimal) -> Decimal:
    """A commission as a cost: the venue's own example of one that was paid is negative, and a reply may differ."""
    return abs(commission)
