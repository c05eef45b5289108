"""From OANDA's orders, trades and transactions to our nouns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from desk.adapters.venues.oanda.names import client_id, from_wire
from desk.adapters.venues.oanda.reasons import ENDINGS
from desk.adapters.venues.oanda.wire.account import WireAccount, WireTrade
from desk.adapters.venues.oanda.wire.orders import WireOrder
from desk.adapters.venues.oanda.wire.transactions import WireTransaction
from desk.errors import ConfigError
from desk.model.books import Position
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, FillReason, Order, OrderState, OrderType

ORDER_TYPES: Mapping[str, OrderType] = {
    "MARKET": OrderType.MARKET,
    "FIXED_PRICE": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP": OrderType.STOP,
    "MARKET_IF_TOUCHED": OrderType.STOP,
}
_REASONS = {
    "STOP_LOSS_ORDER": FillReason.STOP,
    "GUARANTEED_STOP_LOSS_ORDER": FillReason.STOP,
    "TAKE_PROFIT_ORDER": FillReason.TARGET,
    "TRAILING_STOP_LOSS_ORDER": FillReason.TRAILING_STOP,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, wherever OANDA tells of it.

    Attributes:
        is_immediate: what is not filled at once is not filled at all.
        is_over: OANDA says that nothing more is expected.
    """

    order_id: str
    client_order_id: str
    instrument: str
    type: OrderType
    units: Decimal
    price: Decimal | None
    at: datetime
    reduce_only: bool
    is_immediate: bool
    is_over: bool = False


def asked_by_order(order: WireOrder) -> Asked:
    """Return what an order asks for; it must be one that stands by itself."""
    assert order.units is not None, f"order {order.id} of type {order.type} has no units"
    return Asked(
        order_id=order.id,
        client_order_id=client_id(order.client_extensions.id, order.id),
        instrument=from_wire(order.instrument),
        type=ORDER_TYPES[order.type],
        units=order.units,
        price=order.price,
        at=order.create_time,
        reduce_only=order.position_fill == "REDUCE_ONLY",
        is_immediate=order.time_in_force in ("FOK", "IOC"),
        is_over=order.state in ("FILLED", "CANCELLED"),
    )


def asked_by_transaction(create: WireTransaction) -> Asked:
    """Return what the transaction that made an order asks for; its id is the order's."""
    assert create.units is not None, f"transaction {create.id} of type {create.type} has no units"
    return Asked(
        order_id=str(create.id),
        client_order_id=client_id(create.client_extensions.id, str(create.id)),
        instrument=from_wire(create.instrument),
        type=ORDER_TYPES[create.type.removesuffix("_ORDER")],
        units=create.units,
        price=create.price,
        at=create.time,
        reduce_only=create.position_fill == "REDUCE_ONLY",
        is_immediate=create.time_in_force in ("FOK", "IOC"),
    )


def order_of(
    asked: Asked, fills: Iterable[WireTransaction] = (), cancel: WireTransaction | None = None, *, currency: str
) -> Order:
    """Return the order with what became of it.

    Args:
        fills: its ORDER_FILL transactions.
        cancel: its ORDER_CANCEL transaction.
        currency: the account's.
    """
    told = tuple(fill_of(fill, currency, asked.client_order_id) for fill in fills)
    filled = sum((fill.quantity for fill in told), Decimal(0))
    reason = cancel.reason if cancel else ""
    return Order(
        client_order_id=asked.client_order_id,
        venue_order_id=asked.order_id,
        instrument=asked.instrument,
        side=_side(asked.units),
        type=asked.type,
        quantity=abs(asked.units),
        filled_quantity=filled,
        state=_state(asked, filled, reason),
        at=max((asked.at, *(fill.at for fill in told), *([cancel.time] if cancel else []))),
        price=asked.price,
        reason=reason,
        reduce_only=asked.reduce_only,
        fills=told,
    )


def fill_of(fill: WireTransaction, currency: str, client_order_id: str = "") -> Fill:
    """Return a fill. Financing that is settled with it counts as a fee, below 0 where the account received it.

    Cash then moves by profit less fee, exactly as OANDA's balance does.

    Args:
        client_order_id: of its order, where the fill itself does not tell.
    """
    units, price = fill.units, fill.price or fill.full_vwap
    assert units is not None, f"fill {fill.id} has no units"
    assert price is not None, f"fill {fill.id} has no price"
    return Fill(
        venue_trade_id=str(fill.id),
        client_order_id=client_id(fill.client_order_id or client_order_id, fill.order_id),
        instrument=from_wire(fill.instrument),
        side=_side(units),
        quantity=abs(units),
        price=price,
        fee=fill.commission + fill.guaranteed_execution_fee - fill.financing,
        fee_currency=currency,
        at=fill.time,
        reason=_REASONS.get(fill.reason, FillReason.ORDER),
        realised_profit=fill.pl,
    )


def fills_of(transactions: Sequence[WireTransaction], currency: str) -> tuple[Fill, ...]:
    """Return the fills among transactions."""
    named = {str(one.id): one.client_extensions.id for one in transactions}
    return tuple(fill_of(one, currency, named.get(one.order_id, "")) for one in transactions if one.is_fill)


def positions_of(account: WireAccount) -> tuple[Position, ...]:
    """Return what the account's open trades add up to, by instrument."""
    trades: dict[str, list[WireTrade]] = {}
    for trade in sorted(account.trades, key=lambda one: one.open_time):
        trades.setdefault(trade.instrument, []).append(trade)
    return tuple(_position(name, of_one, account.orders) for name, of_one in sorted(trades.items()))


def barriers_of(orders: Iterable[WireOrder]) -> Barriers:
    """Return the stop, target and trailing stop among the orders of one trade."""
    by_type = {order.type: order for order in orders}
    stop = by_type.get("STOP_LOSS") or by_type.get("GUARANTEED_STOP_LOSS")
    target, trailing = by_type.get("TAKE_PROFIT"), by_type.get("TRAILING_STOP_LOSS")
    return Barriers(
        stop=stop.price if stop else None,
        target=target.price if target else None,
        trailing_distance=trailing.distance if trailing else None,
    )


def _position(name: str, trades: Sequence[WireTrade], orders: Sequence[WireOrder]) -> Position:
    """The barriers are those of the oldest trade that has any; a stop is told only where every trade has one."""
    if len({trade.current_units > 0 for trade in trades}) > 1:
        raise ConfigError(
            f"expected an OANDA account that nets its trades, found {from_wire(name)} held long and short at once; "
            "close one side, and use an account without hedging"
        )
    attached = [barriers_of(order for order in orders if order.trade_id == trade.id) for trade in trades]
    barriers = next((one for one in attached if one != Barriers()), Barriers())
    if any(one.stop is None and one.trailing_distance is None for one in attached):
        barriers = replace(barriers, stop=None, trailing_distance=None)
    return Position(
        instrument=from_wire(name),
        quantity=sum((trade.current_units for trade in trades), Decimal(0)),
        cost=sum((trade.current_units * trade.price for trade in trades), Decimal(0)),
        opened_at=trades[0].open_time,
        barriers=barriers,
        strategy=trades[0].client_extensions.tag,
    )


def _side(units: Decimal) -> Side:
    return Side.BUY if units > 0 else Side.SELL


def _state(asked: Asked, filled: Decimal, reason: str) -> OrderState:
    if filled >= abs(asked.units):
        return OrderState.FILLED
    if reason:
        # A word that is not an ending of its own refuses the order; what was filled before stays filled.
        return ENDINGS.get(reason, OrderState.CANCELLED if filled else OrderState.REJECTED)
    if filled:
        return OrderState.CANCELLED if asked.is_immediate or asked.is_over else OrderState.PARTIAL
    return OrderState.CANCELLED if asked.is_over else OrderState.ACKED
