"""Orders and fills in ccxt's words: what is sent for an intent, and what an answer says."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from desk.adapters.venues.ccxt.abilities import CLIENT_ORDER_ID
from desk.adapters.venues.ccxt.amounts import decimal_of, needed, time_of
from desk.adapters.venues.ccxt.catalogue import Listing
from desk.model.instrument import Side
from desk.model.orders import Fill, Order, OrderIntent, OrderState, OrderType, TimeInForce

Raw: TypeAlias = Mapping[str, Any]

_ENDINGS: Mapping[str, OrderState] = {
    "closed": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "rejected": OrderState.REJECTED,
}
"""What became of an order that ended before all of it was filled."""


def parameters_of(intent: OrderIntent, listing: Listing) -> dict[str, object]:
    """Return what an order carries besides its type, side, amount and price."""
    parameters: dict[str, object] = {CLIENT_ORDER_ID: intent.client_order_id}
    if intent.type is OrderType.LIMIT and intent.time_in_force is TimeInForce.IOC:
        parameters["timeInForce"] = "IOC"
    if intent.reduce_only and listing.instrument.can_short:
        parameters["reduceOnly"] = True
    return parameters


def order_of(raw: Raw, listing: Listing, now: datetime, fills: tuple[Fill, ...] = ()) -> Order:
    """Return what an exchange says of an order; a state that ccxt does not know is UNKNOWN.

    Args:
        now: counts where the exchange tells no time.

    Raises:
        ValueError: a number is missing.
    """
    quantity = needed(raw.get("amount"), "an amount") * listing.unit
    filled = (decimal_of(raw.get("filled")) or Decimal(0)) * listing.unit
    kind = OrderType.MARKET if raw.get("type") == "market" else OrderType.LIMIT
    times = (time_of(raw.get(name)) for name in ("lastUpdateTimestamp", "lastTradeTimestamp", "timestamp"))
    return Order(
        client_order_id=str(raw.get(CLIENT_ORDER_ID) or ""),
        venue_order_id=str(raw["id"]),
        instrument=listing.instrument.name,
        side=Side(raw["side"]),
        type=kind,
        quantity=quantity,
        filled_quantity=filled,
        state=_state(str(raw.get("status")), quantity, filled),
        at=next((at for at in times if at is not None), now),
        price=None if kind is OrderType.MARKET else decimal_of(raw.get("price")),
        reduce_only=raw.get("reduceOnly") is True,
        fills=fills,
    )


def accepted(intent: OrderIntent, venue_order_id: str, now: datetime) -> Order:
    """Return an order of which only its acceptance is known."""
    return Order(
        client_order_id=intent.client_order_id,
        venue_order_id=venue_order_id,
        instrument=intent.instrument,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        filled_quantity=Decimal(0),
        state=OrderState.ACKED,
        at=now,
        price=intent.price,
        reduce_only=intent.reduce_only,
    )


def fill_of(trade: Raw, client_order_id: str, listing: Listing) -> Fill:
    """Return a fill; an exchange that tells no fee with it is taken to have charged none.

    Raises:
        ValueError: a number or the time is missing, or nothing was traded.
    """
    at, fee = time_of(trade.get("timestamp")), trade.get("fee") or {}
    if at is None:
        raise ValueError(f"expected the time of trade {trade.get('id')}, found none")
    quantity = needed(trade.get("amount"), "an amount")
    if quantity <= 0:
        raise ValueError(f"expected an amount above 0 of trade {trade.get('id')}, found {quantity}")
    return Fill(
        venue_trade_id=str(trade["id"]),
        client_order_id=client_order_id,
        instrument=listing.instrument.name,
        side=Side(trade["side"]),
        quantity=quantity * listing.unit,
        price=needed(trade.get("price"), "a price"),
        fee=decimal_of(fee.get("cost")) or Decimal(0),
        fee_currency=str(fee.get("currency") or listing.instrument.quote),
        at=at,
    )


def _state(status: str, quantity: Decimal, filled: Decimal) -> OrderState:
    if status == "open":
        return OrderState.PARTIAL if filled else OrderState.ACKED
    if status in _ENDINGS and filled >= quantity:
        return OrderState.FILLED
    return _ENDINGS.get(status, OrderState.UNKNOWN)
