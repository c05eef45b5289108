"""The stop and the target of a position, as the orders that Aster wants beside the entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from desk.errors import VenueError
from desk.model.orders import Order, OrderIntent

STOP_SUFFIX, TARGET_SUFFIX = "-s", "-t"


@dataclass(frozen=True, slots=True)
class Protection:
    """What became of the orders that protect a position.

    Attributes:
        orders: those that the venue accepted.
        failures: by client order id, why there is no order, or none that we know of; an `OutcomeUnknown` is to be asked
            for with `find_order`. As long as the stop is among them the position has no stop at the venue.
    """

    orders: tuple[Order, ...]
    failures: Mapping[str, VenueError]


def is_protective(order: Order) -> bool:
    """Return whether an order is the stop or the target of an entry: it can only reduce, and its id says so."""
    return order.reduce_only and order.client_order_id.endswith((STOP_SUFFIX, TARGET_SUFFIX))


def protective_forms(entry: OrderIntent, filled: Decimal, symbol: str) -> Mapping[str, dict[str, str]]:
    """Return the parameters of the stop and the target of a filled entry, by client order id, the stop first."""
    legs = (
        (STOP_SUFFIX, "STOP_MARKET", entry.barriers.stop),
        (TARGET_SUFFIX, "TAKE_PROFIT_MARKET", entry.barriers.target),
    )
    return {
        entry.client_order_id + suffix: {
            "symbol": symbol,
            "side": entry.side.opposite.name,
            "type": kind,
            "quantity": f"{filled:f}",
            "stopPrice": f"{price:f}",
            "reduceOnly": "true",
            "newClientOrderId": entry.client_order_id + suffix,
            "newOrderRespType": "RESULT",
        }
        for suffix, kind, price in legs
        if price is not None
    }
