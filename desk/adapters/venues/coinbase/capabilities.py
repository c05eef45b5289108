"""What Coinbase can and cannot do for an order, as facts that callers may ask for."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the venue offers.

    Attributes:
        attached_bracket: a stop and a target together can be attached to an order that buys.
        attached_stop, attached_target: one of the two alone can be attached.
        reduce_only: there is such a flag; on a spot market a sale can only give away what is held.
        stop_is_limited: a stop becomes a limit order when it is triggered, and may stay unfilled.
        client_order_id: what an id must match as a whole. The venue recommends a UUID and documents no length.
        ids_are_unique_for_ever: an id that was used names its first order for as long as the account exists.
        creates_idempotently: sending an id again makes no second order and returns the first.
        finds_by_client_id: an order can be asked for by its client order id; without, histories are searched.
    """

    attached_bracket: bool
    attached_stop: bool
    attached_target: bool
    reduce_only: bool
    stop_is_limited: bool
    client_order_id: re.Pattern[str]
    ids_are_unique_for_ever: bool
    creates_idempotently: bool
    finds_by_client_id: bool


CAPABILITIES = Capabilities(
    attached_bracket=True,
    attached_stop=False,
    attached_target=False,
    reduce_only=False,
    stop_is_limited=True,
    client_order_id=re.compile(r"[A-Za-z0-9_-]{1,36}"),
    ids_are_unique_for_ever=True,
    creates_idempotently=True,
    finds_by_client_id=False,
)
