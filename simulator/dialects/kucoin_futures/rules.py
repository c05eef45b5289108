"""What KuCoin's futures market does with orders, its names, its lots, and its codes for what goes wrong."""

from decimal import Decimal

from desk.matching.fees import FeeSchedule
from desk.model.instrument import Instrument, InstrumentKind
from simulator.dialects.base import Refused
from simulator.dialects.kucoin_common.door import FUTURES, SECRETS
from simulator.dialects.kucoin_common.errors import wrong
from simulator.reasons import Reason
from simulator.venue import IdRule, Venue

VENUE = Venue(
    name=FUTURES,
    kinds=frozenset({InstrumentKind.PERPETUAL}),
    quotes=frozenset({"USDT"}),
    currency="USDT",
    account="kucoin-futures-1",
    secrets=SECRETS,
    id_rule=IdRule.UNIQUE,
    fees=FeeSchedule(maker_bps=Decimal(2), taker_bps=Decimal(6)),
    leverage=Decimal(20),
)
MOST_WORKING = 100
"""Active orders of one contract."""

_THEIRS = {"BTC": "XBT"}
_LOTS = {"ETH": 10}
"""Steps of the grid in a lot; the real contract of ether is as much larger than its step."""

_FIRST_ORDER = 234_000_000_000_000_000
_REASONS = {
    Reason.NO_PRICE: ("300002", ""),
    Reason.NO_RATE: ("300002", ""),
    Reason.CLOSED: ("300002", ""),
    Reason.OFF_THE_LOT: ("100001", "Quantity parameter invalid."),
    Reason.OFF_THE_TICK: ("100001", "Price parameter invalid."),
    Reason.TOO_SMALL: ("100001", "Quantity parameter invalid."),
    Reason.TOO_LITTLE_VALUE: ("100001", "Quantity parameter invalid."),
    Reason.STOP_MISPLACED: ("300000", "The stop price is on the wrong side of the price"),
    Reason.TARGET_MISPLACED: ("300000", "The stop price is on the wrong side of the price"),
    Reason.NOTHING_TO_REDUCE: ("300009", ""),
    Reason.FUNDS: ("300003", ""),
    Reason.DUPLICATE_ID: ("300018", ""),
}


def refused(reason: Reason | None) -> Refused:
    """Return what is said of an order that is not taken."""
    assert reason in _REASONS, f"expected a reason that a futures order can be refused for, found {reason}"
    return wrong(*_REASONS[reason])


def symbol_of(name: str) -> str:
    """Return KuCoin's name: XBTUSDTM for BTC/USDT:USDT."""
    base, rest = name.split("/")
    return f"{code_of(base)}{rest.split(':')[0]}M"


def code_of(currency: str) -> str:
    """Return the futures market's name of a currency."""
    return _THEIRS.get(currency, currency)


def multiplier_of(instrument: Instrument) -> Decimal:
    """Return the base units of one lot."""
    return instrument.lot * _LOTS.get(instrument.base, 1)


def order_id(number: int) -> str:
    """Return the id of an order as KuCoin writes it."""
    return str(_FIRST_ORDER + number)
