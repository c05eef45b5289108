"""From Coinbase's orders and fills to the desk's."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from desk.adapters.venues.coinbase.names import instrument_name
from desk.adapters.venues.coinbase.wire.orders import VenueFill, VenueOrder
from desk.model.instrument import Instrument, Side
from desk.model.orders import Fill, FillReason, Order, OrderIntent, OrderState, OrderType

_STATES = {
    "FILLED": OrderState.FILLED,
    "CANCELLED": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "FAILED": OrderState.REJECTED,
}
_REVERSAL = "REVERSAL"


def order_from(wire: VenueOrder, fills: Sequence[Fill] = ()) -> Order:
    """Return an order as the venue tells it, with its fills.

    The quantity of an order that asked for an amount of quote currency is what was filled of it. A sale can only
    reduce what is held.
    """
    told = sum((fill.quantity for fill in fills), Decimal(0))
    filled = max(wire.filled_size, told)
    side = Side(wire.side.lower())
    return Order(
        client_order_id=wire.client_order_id or wire.order_id,
        venue_order_id=wire.order_id,
        instrument=instrument_name(wire.product_id),
        side=side,
        type=_type_of(wire),
        quantity=wire.configuration.base_size or filled,
        filled_quantity=filled,
        state=_state_of(wire, filled),
        at=_last_change(wire, fills),
        price=_price_of(wire),
        reason=wire.reject_message or wire.cancel_message or _meaningful(wire.reject_reason),
        reduce_only=side is Side.SELL,
        fills=tuple(sorted(fills, key=lambda fill: (fill.at, fill.venue_trade_id))),
        target=wire.configuration.limit_price if wire.is_bracket else None,
    )


def acknowledged(intent: OrderIntent, order_id: str, at: datetime) -> Order:
    """Return an order that the venue has accepted and does not show yet."""
    return Order(
        client_order_id=intent.client_order_id,
        venue_order_id=order_id,
        instrument=intent.instrument,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        filled_quantity=Decimal(0),
        state=OrderState.ACKED,
        at=at,
        price=intent.price,
        reduce_only=intent.reduce_only,
    )


def fill_from(wire: VenueFill, order: VenueOrder, instrument: Instrument) -> Fill:
    """Return a fill in base units; a trade that the venue takes back counts the other way round."""
    side = Side(wire.side.lower())
    is_reversal = wire.trade_type == _REVERSAL
    return Fill(
        venue_trade_id=wire.entry_id,
        client_order_id=order.client_order_id or order.order_id,
        instrument=instrument_name(wire.product_id),
        side=side.opposite if is_reversal else side,
        quantity=base_quantity(wire, instrument),
        price=wire.price,
        fee=-wire.commission if is_reversal else wire.commission,
        fee_currency=instrument.quote,
        at=wire.trade_time,
        reason=_reason_of(wire, order),
    )


def base_quantity(wire: VenueFill, instrument: Instrument) -> Decimal:
    """Return the size in base units; one that is told in quote currency is the nearest multiple of the lot."""
    if not wire.size_in_quote:
        return wire.size
    lots = (wire.size / wire.price / instrument.lot).to_integral_value(ROUND_HALF_EVEN)
    return lots * instrument.lot


def _state_of(wire: VenueOrder, filled: Decimal) -> OrderState:
    """An order in any other state, one that is not known here among them, is taken to be working."""
    state = _STATES.get(wire.status)
    if state is OrderState.REJECTED and filled:
        return OrderState.CANCELLED
    return state or (OrderState.PARTIAL if filled else OrderState.ACKED)


def _type_of(wire: VenueOrder) -> OrderType:
    if wire.kind.startswith("market_"):
        return OrderType.MARKET
    return OrderType.STOP if wire.kind.startswith("stop_") or wire.is_bracket else OrderType.LIMIT


def _price_of(wire: VenueOrder) -> Decimal | None:
    configuration = wire.configuration
    return configuration.stop_price or configuration.stop_trigger_price or configuration.limit_price


def _last_change(wire: VenueOrder, fills: Sequence[Fill]) -> datetime:
    return max(wire.created_time, wire.last_fill_time or wire.created_time, *(fill.at for fill in fills))


def _reason_of(wire: VenueFill, order: VenueOrder) -> FillReason:
    """A bracket ends a position at its target, or better, or else at its stop."""
    if not order.is_bracket:
        return FillReason.ORDER
    target = order.configuration.limit_price
    is_sale = order.side == "SELL"
    reached = target is not None and (wire.price >= target if is_sale else wire.price <= target)
    return FillReason.TARGET if reached else FillReason.STOP


def _meaningful(reason: str) -> str:
    return "" if reason.startswith("REJECT_REASON_UNSPECIFIED") else reason
