"""What Aster can and cannot do for an order, as far as the desk has to know it beforehand."""

import re
from dataclasses import dataclass
from datetime import timedelta

from desk.model.orders import OrderType

_CLIENT_ORDER_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")


@dataclass(frozen=True, slots=True)
class AsterCapabilities:
    """Facts about the venue.

    Attributes:
        order_types: what `submit` sends.
        attached_stops: whether an order can carry the stop and target of the position that it opens. It cannot:
            `AsterTrading.protect` places them once the entry is filled.
        reduce_only: whether an order can be kept from opening or turning a position.
        client_order_id_length: the longest id; the ids of a stop and a target are two characters longer than the
            entry's.
        duplicates_refused: among which orders the venue refuses an id that it knows. A filled order frees its id: the
            same id sent twice can trade twice.
        unfilled_orders_kept: for how long an order that ended without a fill can be asked for.
    """

    order_types: frozenset[OrderType] = frozenset(OrderType)
    attached_stops: bool = False
    reduce_only: bool = True
    client_order_id_length: int = 36
    duplicates_refused: str = "open orders"
    unfilled_orders_kept: timedelta = timedelta(days=7)

    def accepts_id(self, client_order_id: str) -> bool:
        """Return whether the venue takes such a client order id."""
        return _CLIENT_ORDER_ID.fullmatch(client_order_id) is not None


CAPABILITIES = AsterCapabilities()
