"""What has to be possible at an exchange before an order is sent there: to name it, and to find it by that name."""

import inspect
import re
import sys

from desk.adapters.venues.ccxt.library import Exchange
from desk.errors import ConfigError

CLIENT_ORDER_ID = "clientOrderId"
"""The name that ccxt has for it everywhere it has one."""

ENDED_ORDERS = ("fetchOrders", "fetchCanceledAndClosedOrders", "fetchClosedOrders")
"""Lists of orders that are not working any more; which of them an exchange has differs."""

_READS_ID = re.compile(rf"\(params, [^)\n]*'{CLIENT_ORDER_ID}'")
_TELLS_ID = re.compile(rf"'{CLIENT_ORDER_ID}': ")


def check_abilities(exchange: Exchange) -> None:
    """Refuse an exchange at which an order whose answer was lost could not be found again.

    Raises:
        ConfigError: naming what is missing.
    """
    missing = []
    source = _source(exchange)
    if not _READS_ID.search(source):
        missing.append("a client order id on its orders")
    if not _TELLS_ID.search(source):
        missing.append("the client order id of an order that it lists")
    if not has(exchange, "fetchOpenOrders"):
        missing.append("a list of working orders (fetchOpenOrders)")
    if not ended_orders(exchange):
        missing.append(f"a list of ended orders ({' or '.join(ENDED_ORDERS)})")
    if not has(exchange, "fetchMyTrades"):
        missing.append("a list of fills (fetchMyTrades)")
    if missing:
        raise ConfigError(
            f"ccxt {exchange.id}: an order whose answer is lost could not be found again, since ccxt does not have "
            f"there {', nor '.join(missing)}; use it for market data only"
        )


def has(exchange: Exchange, name: str) -> bool:
    """Return whether an exchange has a method of its own: ccxt also says so of those that it would put together."""
    method = getattr(type(exchange), method_name(name), None)
    return bool(exchange.has.get(name)) and method is not None and ".base." not in method.__module__


def method_name(name: str) -> str:
    """Return the method in Python that ccxt calls `fetchOpenOrders` elsewhere."""
    return re.sub("(?=[A-Z])", "_", name).lower()


def finds_by_id(exchange: Exchange) -> bool:
    """Return whether one order can be asked for by its client order id."""
    return has(exchange, "fetchOrder") and bool(_READS_ID.search(inspect.getsource(type(exchange).fetch_order)))


def ended_orders(exchange: Exchange) -> list[str]:
    """Return the methods that together list every ended order."""
    found = [name for name in ENDED_ORDERS if has(exchange, name)][:1]
    # Closed orders may be the filled ones alone.
    if found == ["fetchClosedOrders"] and has(exchange, "fetchCanceledOrders"):
        found.append("fetchCanceledOrders")
    return [method_name(name) for name in found]


def _source(exchange: Exchange) -> str:
    """The code of an exchange without what all share: ccxt tells nowhere else what it takes."""
    modules = [one.__module__ for one in type(exchange).__mro__ if one.__module__.startswith("ccxt.async_support.")]
    own = [name for name in modules if ".base." not in name]
    return "\n".join(inspect.getsource(sys.modules[name]) for name in own)
