"""The trades that a position consists of: what each one holds, its stop and target, and closing it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.errors import VENUE, refusal
from desk.adapters.venues.oanda.names import from_wire, to_wire
from desk.adapters.venues.oanda.poll import AccountPoll
from desk.adapters.venues.oanda.reading import barriers_of, fill_of
from desk.adapters.venues.oanda.sending import barrier_orders, plain
from desk.adapters.venues.oanda.wire.account import PositionReply, TradeReply, TradesReply, WireTrade
from desk.adapters.venues.oanda.wire.base import AccountReply
from desk.adapters.venues.oanda.wire.transactions import OrderPlaced, PositionClosed, WireTransaction
from desk.errors import OutcomeUnknown
from desk.model.orders import Barriers, Fill

Reply = TypeVar("Reply", bound=AccountReply)

_WHOLE = "ALL"


@dataclass(frozen=True, slots=True)
class VenueTrade:
    """An open trade.

    Attributes:
        id: the venue's; it is the id of the fill that opened it.
        client_order_id: of the desk's order that opened it; empty for any other.
        quantity: what is left of it, above 0 long, below 0 short.
        realised_profit, unrealised_profit, financing: in account currency.
        strategy: whose order opened it; empty where it is not known.
    """

    id: str
    client_order_id: str
    instrument: str
    quantity: Decimal
    price: Decimal
    opened_at: datetime
    realised_profit: Decimal
    unrealised_profit: Decimal
    financing: Decimal
    barriers: Barriers
    strategy: str


class OandaTrades:
    """Trades and whole positions of one account; what changes something is sent once."""

    def __init__(self, api: OandaApi, poll: AccountPoll) -> None:
        self._api = api
        self._poll = poll

    async def open_trades(self) -> tuple[VenueTrade, ...]:
        """Return every open trade, newest first."""
        reply = await self._api.read(TradesReply, "/openTrades", "open trades")
        return tuple(_trade(one) for one in reply.trades)

    async def trade(self, trade_id: str) -> VenueTrade:
        """Return one trade.

        Raises:
            InvalidOrder: NO_SUCH_TRADE.
        """
        reply = await self._api.read(TradeReply, f"/trades/{trade_id}", f"trade {trade_id}")
        return _trade(reply.trade)

    async def close(self, trade_id: str, quantity: Decimal | None = None) -> Fill:
        """Close a trade, or as much of it as `quantity` says.

        Raises:
            OrderRefused: a definite no.
            OutcomeUnknown: it may be closed; look at the trade before trying again.
        """
        currency, name = await self._poll.currency(), f"close trade {trade_id}"
        body = {"units": _WHOLE if quantity is None else plain(quantity)}
        placed = await self._write(OrderPlaced, f"/trades/{trade_id}/close", name, body)
        fill, cancel = placed.order_fill_transaction, placed.order_cancel_transaction
        return _filled(name, [(fill, cancel)], currency)[0]

    async def change_barriers(self, trade_id: str, barriers: Barriers) -> None:
        """Give a trade this stop, target and trailing stop, and take away those that are None.

        Its time limit is not the venue's to keep. Saying the same twice does no harm.

        Raises:
            OrderRefused: a definite no; the trade keeps what it had.
            OutcomeUnknown: look at the trade.
        """
        wanted = barrier_orders(barriers)
        removed = barrier_orders((await self.trade(trade_id)).barriers).keys() - wanted.keys()
        body = {**wanted, **dict.fromkeys(sorted(removed))}
        if body:
            await self._write(AccountReply, f"/trades/{trade_id}/orders", f"barriers of trade {trade_id}", body)

    async def set_stop(self, instrument: str, price: Decimal) -> None:
        """Give every trade of an instrument this stop, and leave alone what else hangs on it.

        A trade that has the stop already costs no call, so that saying it twice does no harm.

        Raises:
            OrderRefused: a definite no; the trade keeps what it had.
            OutcomeUnknown: look at the trades.
        """
        account = (await self._poll.details()).account
        standing = {order.trade_id: order.price for order in account.orders if order.type == "STOP_LOSS"}
        for trade in account.trades:
            if from_wire(trade.instrument) == instrument and standing.get(trade.id) != price:
                body = barrier_orders(Barriers(stop=price))
                await self._write(AccountReply, f"/trades/{trade.id}/orders", f"stop of trade {trade.id}", body)

    async def close_position(self, instrument: str, *, client_order_id: str) -> tuple[Fill, ...]:
        """Close all that is held of an instrument, and return the fills; none where nothing is held.

        Raises:
            OrderRefused: a definite no.
            OutcomeUnknown: it may be closed; look at the positions before trying again.
        """
        currency, path = await self._poll.currency(), f"/positions/{to_wire(instrument)}"
        held = (await self._api.read(PositionReply, path, f"position in {instrument}")).position
        sides = [name for name, side in (("long", held.long), ("short", held.short)) if side.units]
        if not sides:
            return ()
        # A side that is not named is closed too, and one that does not exist refuses the whole request.
        body: dict[str, object] = {f"{name}Units": _WHOLE if name in sides else "NONE" for name in ("long", "short")}
        body |= {f"{name}ClientExtensions": {"id": client_order_id} for name in sides}
        name = f"close position in {instrument}"
        closed = await self._write(PositionClosed, f"{path}/close", name, body)
        outcomes = [
            (closed.long_order_fill_transaction, closed.long_order_cancel_transaction),
            (closed.short_order_fill_transaction, closed.short_order_cancel_transaction),
        ]
        return _filled(name, outcomes, currency)

    async def _write(self, model: type[Reply], path: str, name: str, body: object) -> Reply:
        try:
            return await self._api.write(model, "PUT", path, name, body)
        finally:
            self._poll.forget()


def _filled(
    name: str, outcomes: list[tuple[WireTransaction | None, WireTransaction | None]], currency: str
) -> tuple[Fill, ...]:
    """The fills of what was closed; at least one."""
    for fill, cancel in outcomes:
        if cancel is not None and fill is None:
            raise refusal(cancel.reason, name)
    fills = tuple(fill_of(fill, currency) for fill, _ in outcomes if fill is not None)
    if not fills:
        raise OutcomeUnknown(VENUE, name, "NO_FILL", "accepted, and neither filled nor cancelled")
    return fills


def _trade(wire: WireTrade) -> VenueTrade:
    attached = (wire.stop_loss_order, wire.take_profit_order, wire.trailing_stop_loss_order)
    return VenueTrade(
        id=wire.id,
        client_order_id=wire.client_extensions.id,
        instrument=from_wire(wire.instrument),
        quantity=wire.current_units,
        price=wire.price,
        opened_at=wire.open_time,
        realised_profit=wire.realized_pl,
        unrealised_profit=wire.unrealized_pl,
        financing=wire.financing,
        barriers=barriers_of(order for order in attached if order is not None),
        strategy=wire.client_extensions.tag,
    )
