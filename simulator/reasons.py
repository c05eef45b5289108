"""Why an order was not taken or did not live on, as one word that each dialect translates."""

import re
from enum import StrEnum


class Reason(StrEnum):
    """What every venue has a word of its own for."""

    NO_PRICE = "no_price"
    CLOSED = "closed"
    NO_RATE = "no_rate"
    OFF_THE_LOT = "off_the_lot"
    OFF_THE_TICK = "off_the_tick"
    TOO_SMALL = "too_small"
    TOO_LITTLE_VALUE = "too_little_value"
    STOP_MISPLACED = "stop_misplaced"
    TARGET_MISPLACED = "target_misplaced"
    NOTHING_TO_REDUCE = "nothing_to_reduce"
    FUNDS = "funds"
    HOLDINGS = "holdings"
    DUPLICATE_ID = "duplicate_id"
    NOT_MET = "not_met"
    WOULD_TAKE = "would_take"
    NO_LIQUIDITY = "no_liquidity"
    CUT = "cut"
    ON_REQUEST = "on_request"
    REPLACED = "replaced"
    POSITION_CLOSED = "position_closed"
    EXPIRED = "expired"


_WORDS = {
    "no price": Reason.NO_PRICE,
    "market closed": Reason.CLOSED,
    "no conversion rate": Reason.NO_RATE,
    "quantity .* multiple of the lot": Reason.OFF_THE_LOT,
    "a market order has no price|price .* multiple of the tick": Reason.OFF_THE_TICK,
    "quantity .* below the minimum": Reason.TOO_SMALL,
    "notional .* below the minimum": Reason.TOO_LITTLE_VALUE,
    "stop |trailing distance ": Reason.STOP_MISPLACED,
    "target ": Reason.TARGET_MISPLACED,
    "nothing to reduce": Reason.NOTHING_TO_REDUCE,
    "insufficient funds": Reason.FUNDS,
    "insufficient holdings": Reason.HOLDINGS,
    "the price was not met": Reason.NOT_MET,
    "not enough volume": Reason.NO_LIQUIDITY,
    "cut to the position": Reason.CUT,
    "cancelled on request": Reason.ON_REQUEST,
    "position closed by": Reason.POSITION_CLOSED,
}


def reason_of(words: str) -> Reason:
    """Return what the matching engine meant.

    Raises:
        LookupError: it has learned a new phrase that this table lacks.
    """
    for pattern, reason in _WORDS.items():
        if re.match(pattern, words):
            return reason
    raise LookupError(f"expected a known reason of the matching engine, found {words!r}")
