"""Between our names and OANDA's: of instruments, of timeframes, of orders."""

from urllib.parse import quote

from desk.model.timeframe import Timeframe

GRANULARITIES = {timeframe: "D" if timeframe is Timeframe.D1 else timeframe.value for timeframe in Timeframe}

_FOREIGN = "oanda-"


def to_wire(instrument: str) -> str:
    """Return OANDA's name of an instrument: `EUR/USD` is `EUR_USD`."""
    return instrument.replace("/", "_")


def from_wire(name: str) -> str:
    """Return our name of an instrument: `EUR_USD` is `EUR/USD`."""
    return "/".join(name.rsplit("_", 1))


def client_id(own: str, order_id: str) -> str:
    """Return the client order id, or one made from OANDA's id for an order that the desk did not send."""
    return own or f"{_FOREIGN}{order_id}"


def order_path(client_order_id: str) -> str:
    """Return how a path names an order: by OANDA's own id where ours was made from it, by the client's otherwise."""
    own = client_order_id.removeprefix(_FOREIGN)
    if own != client_order_id and own.isdecimal():
        return own
    return f"@{quote(client_order_id, safe='')}"
