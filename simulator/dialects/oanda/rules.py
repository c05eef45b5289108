"""What OANDA does with orders, and its words for it."""

from decimal import Decimal

from desk.model.instrument import InstrumentKind
from simulator.reasons import Reason
from simulator.venue import IdRule, Venue

REJECTED = {
    Reason.NO_PRICE: "INSTRUMENT_PRICE_UNKNOWN",
    Reason.NO_RATE: "INSTRUMENT_PRICE_UNKNOWN",
    Reason.OFF_THE_LOT: "UNITS_PRECISION_EXCEEDED",
    Reason.OFF_THE_TICK: "PRICE_PRECISION_EXCEEDED",
    Reason.TOO_SMALL: "UNITS_MIMIMUM_NOT_MET",  # spelled like this on the wire
    Reason.TOO_LITTLE_VALUE: "UNITS_MIMIMUM_NOT_MET",
    Reason.DUPLICATE_ID: "CLIENT_ORDER_ID_ALREADY_EXISTS",
}
"""HTTP 400: the order never came to life."""

CANCELLED = {
    Reason.CLOSED: "MARKET_HALTED",
    Reason.FUNDS: "INSUFFICIENT_MARGIN",
    Reason.HOLDINGS: "INSUFFICIENT_MARGIN",
    Reason.STOP_MISPLACED: "STOP_LOSS_ON_FILL_LOSS",
    Reason.TARGET_MISPLACED: "TAKE_PROFIT_ON_FILL_LOSS",
    Reason.NOTHING_TO_REDUCE: "POSITION_CLOSEOUT_FAILED",
    Reason.NO_LIQUIDITY: "INSUFFICIENT_LIQUIDITY",
    Reason.NOT_MET: "BOUNDS_VIOLATION",
    Reason.CUT: "POSITION_CLOSEOUT_FAILED",
    Reason.ON_REQUEST: "CLIENT_REQUEST",
    Reason.REPLACED: "CLIENT_REQUEST_REPLACED",
    Reason.POSITION_CLOSED: "LINKED_TRADE_CLOSED",
}
"""HTTP 201 at birth: the order came to life and was cancelled."""

VENUE = Venue(
    name="oanda",
    kinds=frozenset({InstrumentKind.FX, InstrumentKind.METAL}),
    currency="USD",
    account="101-001-0000001-001",
    secrets={"token": "simulator-oanda-token"},
    id_rule=IdRule.UNIQUE_AMONG_OPEN,
    leverage=Decimal(50),
    rejections=frozenset(REJECTED),
    rests_when_closed=True,
    lag=0.3,
)
MARGIN_RATE = 1 / VENUE.leverage
LONGEST_CLIENT_ID = 128
