"""What Aster does with orders, its spelling, and its numbers for what goes wrong."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from desk.matching.fees import FeeSchedule
from desk.model.instrument import InstrumentKind
from simulator.dialects.base import Refused
from simulator.reasons import Reason
from simulator.venue import IdRule, Venue

CHAIN = 1666
VENUE = Venue(
    name="aster",
    kinds=frozenset({InstrumentKind.PERPETUAL}),
    currency="USDT",
    account="aster-1",
    secrets={
        "api_key": "simulator-aster-key",
        "api_secret": "simulator-aster-secret",
        "signer": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
        "private_key": "0x" + "0" * 63 + "1",
    },
    id_rule=IdRule.UNIQUE_AMONG_OPEN,
    fees=FeeSchedule(maker_bps=Decimal(1), taker_bps=Decimal("3.5")),
    leverage=Decimal(20),
)

MESSAGES = {
    -1002: "You are not authorized to execute this request.",
    -1003: "Too many requests.",
    -1021: "Timestamp for this request is outside of the recvWindow.",
    -1022: "Signature for this request is not valid.",
    -1102: "A mandatory parameter was not sent, was empty/null, or malformed.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1120: "Invalid interval.",
    -1121: "Invalid symbol.",
    -1125: "This listenKey does not exist.",
    -2010: "New order rejected.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2019: "Margin is insufficient.",
    -2021: "Order would immediately trigger.",
    -2022: "ReduceOnly Order is rejected.",
    -4003: "Quantity less than zero.",
    -4004: "Quantity less than min quantity.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id is not valid.",
    -4046: "No need to change margin type.",
    -4116: "ClientOrderId is duplicated.",
    -4140: "Invalid symbol status for opening position.",
    -4164: "Order's notional must be no smaller than the minimum.",
    -4225: "Nonce Expired",
}

REASONS = {
    Reason.NO_PRICE: -2010,
    Reason.NO_RATE: -2010,
    Reason.CLOSED: -4140,
    Reason.OFF_THE_LOT: -1111,
    Reason.OFF_THE_TICK: -4014,
    Reason.TOO_SMALL: -4004,
    Reason.TOO_LITTLE_VALUE: -4164,
    Reason.NOTHING_TO_REDUCE: -2022,
    Reason.FUNDS: -2019,
    Reason.HOLDINGS: -2019,
    Reason.DUPLICATE_ID: -4116,
}


def wrong(code: int, status: int = 400) -> Refused:
    """Return the refusal with one of Aster's numbers."""
    return Refused(status, {"code": code, "msg": MESSAGES[code]})


def symbol_of(name: str) -> str:
    """Return Aster's name: BTCUSDT for BTC/USDT:USDT."""
    return name.split(":")[0].replace("/", "")


def milliseconds(at: datetime) -> int:
    """Return a time as Aster tells it."""
    return (at - datetime.fromtimestamp(0, tz=UTC)) // timedelta(milliseconds=1)


def from_milliseconds(value: int) -> datetime:
    """Return an aware time."""
    return datetime.fromtimestamp(0, tz=UTC) + timedelta(milliseconds=value)


def text(amount: Decimal) -> str:
    """Return a number without an exponent and without needless zeros."""
    return f"{amount.normalize():f}" if amount else "0"
