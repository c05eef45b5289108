"""Orders in Aster's words: what is sent for an intent, and what an answer says of an order."""

from collections.abc import Mapping
from decimal import Decimal

from desk.adapters.venues.aster.wire import OrderWire
from desk.model.instrument import Side
from desk.model.orders import Fill, FillReason, Order, OrderIntent, OrderState, OrderType

SIDES: Mapping[str, Side] = {"BUY": Side.BUY, "SELL": Side.SELL}
_STATES: Mapping[str, OrderState] = {
    "NEW": OrderState.ACKED,
    "PARTIALLY_FILLED": OrderState.PARTIAL,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "REJECTED": OrderState.REJECTED,
    # Liquidations, while the insurance fund or a counterparty takes the position over.
    "NEW_INSURANCE": OrderState.ACKED,
    "NEW_ADL": OrderState.ACKED,
}
_TYPES: Mapping[str, OrderType] = {
    "MARKET": OrderType.MARKET,
    "LIQUIDATION": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "TAKE_PROFIT": OrderType.LIMIT,
    "TAKE_PROFIT_MARKET": OrderType.LIMIT,
    "STOP": OrderType.STOP,
    "STOP_MARKET": OrderType.STOP,
    "TRAILING_STOP_MARKET": OrderType.STOP,
}
_EXITS: Mapping[str, FillReason] = {
    "STOP": FillReason.STOP,
    "STOP_MARKET": FillReason.STOP,
    "TAKE_PROFIT": FillReason.TARGET,
    "TAKE_PROFIT_MARKET": FillReason.TARGET,
    "TRAILING_STOP_MARKET": FillReason.TRAILING_STOP,
}


def form_of(intent: OrderIntent, symbol: str) -> dict[str, str]:
    """Return the parameters that place an order; the answer is asked to carry its result, not its receipt alone."""
    form = {
        "symbol": symbol,
        "side": intent.side.name,
        "quantity": f"{intent.quantity:f}",
        "newClientOrderId": intent.client_order_id,
        "newOrderRespType": "RESULT",
        **_terms(intent),
    }
    return {**form, "reduceOnly": "true"} if intent.reduce_only else form


def _terms(intent: OrderIntent) -> dict[str, str]:
    if intent.type is OrderType.MARKET:
        return {"type": "MARKET"}
    assert intent.price is not None, f"{intent.client_order_id}: a {intent.type} order needs a price"
    price = f"{intent.price:f}"
    if intent.type is OrderType.STOP:
        return {"type": "STOP_MARKET", "stopPrice": price}
    return {"type": "LIMIT", "price": price, "timeInForce": intent.time_in_force.name}


def order_of(wire: OrderWire, instrument: str, fills: tuple[Fill, ...] = ()) -> Order:
    """Return what an answer says; a state that we do not know is UNKNOWN."""
    state = _STATES.get(wire.status, OrderState.UNKNOWN)
    return Order(
        client_order_id=wire.client_order_id,
        venue_order_id=str(wire.order_id),
        instrument=instrument,
        side=SIDES[wire.side],
        type=type_of(wire),
        quantity=wire.quantity,
        filled_quantity=wire.filled,
        state=state,
        at=wire.changed_at,
        price=_price(wire),
        reason="" if state in (OrderState.ACKED, OrderState.PARTIAL, OrderState.FILLED) else wire.status,
        reduce_only=wire.reduce_only or wire.closes_position,
        fills=fills,
    )


def is_final(wire: OrderWire) -> bool:
    """Return whether nothing more is expected of the order."""
    return _STATES.get(wire.status, OrderState.UNKNOWN).is_final


def type_of(wire: OrderWire) -> OrderType:
    """Return how the order was asked for: one that was triggered has become another type since."""
    return _TYPES.get(_asked_type(wire), OrderType.STOP if wire.trigger else OrderType.LIMIT)


def exit_reason(wire: OrderWire) -> FillReason:
    """Return what a fill of the order means: only an order that can just reduce is a stop or a target."""
    exits = wire.reduce_only or wire.closes_position
    return _EXITS.get(_asked_type(wire), FillReason.ORDER) if exits else FillReason.ORDER


def _asked_type(wire: OrderWire) -> str:
    return wire.original_type or wire.type


def _price(wire: OrderWire) -> Decimal | None:
    kind = type_of(wire)
    if kind is OrderType.MARKET:
        return None
    return (wire.trigger if kind is OrderType.STOP else wire.price) or wire.trigger or wire.price or None
