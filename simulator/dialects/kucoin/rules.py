"""What KuCoin's spot market does with orders, its names, and its codes for what goes wrong."""

from decimal import Decimal

from desk.matching.fees import FeeSchedule
from desk.model.instrument import InstrumentKind
from simulator.dialects.base import Refused
from simulator.dialects.kucoin_common.door import SECRETS, SPOT
from simulator.dialects.kucoin_common.errors import wrong
from simulator.reasons import Reason
from simulator.venue import IdRule, Venue

VENUE = Venue(
    name=SPOT,
    kinds=frozenset({InstrumentKind.SPOT}),
    quotes=frozenset({"USDT"}),
    currency="USDT",
    account="kucoin-1",
    secrets=SECRETS,
    id_rule=IdRule.UNIQUE_AMONG_OPEN,
    fees=FeeSchedule(maker_bps=Decimal(10), taker_bps=Decimal(10)),
)
MOST_WORKING = 200
"""Active orders of one symbol."""

_REASONS = {
    Reason.NO_PRICE: ("200001", ""),
    Reason.NO_RATE: ("200001", ""),
    Reason.CLOSED: ("200001", ""),
    Reason.OFF_THE_LOT: ("600100", "Order size increment invalid."),
    Reason.OFF_THE_TICK: ("600100", "Order price increment invalid."),
    Reason.TOO_SMALL: ("400100", "Order size below the minimum requirement."),
    Reason.TOO_LITTLE_VALUE: ("600101", ""),
    Reason.FUNDS: ("200004", ""),
    Reason.HOLDINGS: ("200004", ""),
    Reason.DUPLICATE_ID: ("400100", "validation.createOrder.clientOidDuplicated"),
}


def refused(reason: Reason | None) -> Refused:
    """Return what is said of an order that is not taken."""
    assert reason in _REASONS, f"expected a reason that a spot order can be refused for, found {reason}"
    return wrong(*_REASONS[reason])


def symbol_of(name: str) -> str:
    """Return KuCoin's name: BTC-USDT for BTC/USDT."""
    return name.replace("/", "-")


def order_id(number: int) -> str:
    """Return the id of an order as KuCoin writes it."""
    return f"{number:024x}"
