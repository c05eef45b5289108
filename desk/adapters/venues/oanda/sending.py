"""From an order intent to OANDA's order: signed units, attached barriers, ids that make a repetition visible."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from desk.adapters.venues.oanda.names import to_wire
from desk.model.orders import Barriers, OrderIntent, OrderType, TimeInForce

Body: TypeAlias = Mapping[str, object]

_TYPES = {OrderType.MARKET: "MARKET", OrderType.LIMIT: "LIMIT", OrderType.STOP: "STOP"}


def order_body(intent: OrderIntent, *, price_bound: Decimal | None = None) -> Body:
    """Return the body that asks for an order.

    An order that may open a trade gives it the order's own id: as long as the trade is open, OANDA refuses a second
    order of that id, although the id itself is free again once the first one is filled.

    Args:
        price_bound: the worst price at which a market order may be filled.
    """
    order: dict[str, object] = {
        "type": _TYPES[intent.type],
        "instrument": to_wire(intent.instrument),
        "units": plain(intent.side.sign * intent.quantity),
        "timeInForce": _time_in_force(intent),
        "positionFill": "REDUCE_ONLY" if intent.reduce_only else "DEFAULT",
        "clientExtensions": _extensions(intent),
    }
    if intent.price is not None:
        order["price"] = plain(intent.price)
    if price_bound is not None:
        order["priceBound"] = plain(price_bound)
    if not intent.reduce_only:
        order["tradeClientExtensions"] = _extensions(intent)
        order |= _on_fill(intent)
    return {"order": order}


def barrier_orders(barriers: Barriers) -> dict[str, dict[str, object]]:
    """Return the orders that hang on a trade, by OANDA's name of each; they work until they are cancelled."""
    asked = {
        "takeProfit": ("price", barriers.target),
        "stopLoss": ("price", barriers.stop),
        "trailingStopLoss": ("distance", barriers.trailing_distance),
    }
    return {
        name: {field: plain(value), "timeInForce": "GTC"} for name, (field, value) in asked.items() if value is not None
    }


def plain(number: Decimal) -> str:
    """Return a number as OANDA writes it: no exponent, and no zero that would count as precision."""
    return format(number.normalize(), "f")


def _extensions(intent: OrderIntent) -> dict[str, str]:
    named = {"id": intent.client_order_id}
    return {**named, "tag": intent.strategy} if intent.strategy else named


def _on_fill(intent: OrderIntent) -> dict[str, object]:
    # Named like the paper venue's exits, so that the fill of a barrier tells which entry it belongs to.
    suffixes = {"takeProfit": "target", "stopLoss": "stop", "trailingStopLoss": "trail"}
    return {
        f"{name}OnFill": {**order, "clientExtensions": {"id": f"{intent.client_order_id}-{suffixes[name]}"}}
        for name, order in barrier_orders(intent.barriers).items()
    }


def _time_in_force(intent: OrderIntent) -> str:
    if intent.time_in_force is TimeInForce.IOC:
        return "IOC"
    # A market order cannot rest: all of it now, or nothing.
    return "FOK" if intent.type is OrderType.MARKET else "GTC"
