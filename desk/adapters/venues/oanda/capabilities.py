"""What OANDA can do, for whoever plans orders for several venues."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class IdScope(StrEnum):
    """Among what a client order id must be unique."""

    PENDING_ORDERS = "pending_orders"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the venue can do.

    Attributes:
        attached_barriers: stop, target and trailing stop go with an order and live at the venue.
        time_limits: the venue itself ends a position after a while.
        client_id: what a client order id must match; the venue documents no rule, this is what we send.
        id_scope: a used id is free again outside of it.
        read_after_write: how long the venue may not know what it has just accepted.
    """

    attached_barriers: bool
    time_limits: bool
    reduce_only: bool
    client_id: re.Pattern[str]
    id_scope: IdScope
    read_after_write: timedelta


CAPABILITIES = Capabilities(
    attached_barriers=True,
    time_limits=False,
    reduce_only=True,
    client_id=re.compile(r"(?!oanda-)[A-Za-z0-9_.:-]{1,64}"),
    id_scope=IdScope.PENDING_ORDERS,
    read_after_write=timedelta(milliseconds=500),
)
