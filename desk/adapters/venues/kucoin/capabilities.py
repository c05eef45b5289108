"""What KuCoin can and cannot do for an order, as far as the desk has to know it beforehand."""

import re
from dataclasses import dataclass
from datetime import timedelta

from desk.model.orders import OrderType

_CLIENT_ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class KucoinCapabilities:
    """Facts about one of the two markets.

    Attributes:
        order_types: what `submit` sends; anything else is refused here.
        attached_stops: whether an order can carry the stop and target of the position that it opens.
        reduce_only: whether an order can be kept from opening or turning a position.
        client_order_id_length: the longest id; letters, digits, `_` and `-` are allowed.
        duplicates_refused: among which orders the venue refuses an id that it knows.
        orders_kept: for how long a finished order can be asked for.
    """

    order_types: frozenset[OrderType]
    attached_stops: bool
    reduce_only: bool
    client_order_id_length: int = 40
    duplicates_refused: str = "active orders"
    orders_kept: timedelta = timedelta(days=7)

    def accepts_id(self, client_order_id: str) -> bool:
        """Return whether the venue takes such a client order id."""
        return _CLIENT_ORDER_ID.fullmatch(client_order_id) is not None


SPOT = KucoinCapabilities(
    order_types=frozenset({OrderType.MARKET, OrderType.LIMIT}), attached_stops=False, reduce_only=False
)
FUTURES = KucoinCapabilities(
    order_types=frozenset(OrderType), attached_stops=True, reduce_only=True, duplicates_refused="all orders"
)
