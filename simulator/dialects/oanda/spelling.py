"""OANDA's spelling of names, numbers and times."""

from datetime import UTC, datetime
from decimal import Decimal

from desk.model.instrument import Instrument


def spelled(name: str) -> str:
    """Return OANDA's name: EUR_USD for EUR/USD."""
    return name.replace("/", "_")


def ours(name: str) -> str:
    """Return our name: EUR/USD for EUR_USD."""
    return name.replace("_", "/")


def money(amount: Decimal) -> str:
    """Return an amount with four decimals."""
    return f"{amount:.4f}"


def units(quantity: Decimal) -> str:
    """Return a signed number of units without needless zeros."""
    return f"{quantity.normalize():f}" if quantity else "0"


def price(amount: Decimal, instrument: Instrument) -> str:
    """Return a price with the instrument's number of decimals."""
    return f"{amount:.{precision(instrument)}f}"


def precision(instrument: Instrument) -> int:
    """Return how many decimals a price has."""
    return max(0, -int(instrument.tick.normalize().as_tuple().exponent))


def time(at: datetime, style: str = "RFC3339") -> str:
    """Return a time with nine decimals, as a date or as UNIX seconds."""
    if style.upper() == "UNIX":
        return f"{int(at.timestamp())}.{at.microsecond:06d}000"
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}000Z"


def read_time(text: str) -> datetime:
    """Return a time that a client sent in either style.

    Raises:
        ValueError: it is neither.
    """
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), tz=UTC)
    whole, _, fraction = text.removesuffix("Z").partition(".")
    at = datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}" if fraction.isdigit() else text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
