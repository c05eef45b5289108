"""How much one may ask: pools of weights that are filled every thirty seconds, by key and by kind of call."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from simulator.account import Account
from simulator.dialects.kucoin_common.spelling import milliseconds
from simulator.exchange import Exchange

PUBLIC, SPOT, FUTURES, MANAGEMENT = "public", "spot", "futures", "management"
_SIZES = {PUBLIC: 2_000, SPOT: 4_000, FUTURES: 2_000, MANAGEMENT: 2_000}
_PERIOD = 30_000


@dataclass(slots=True)
class _Pool:
    period: int
    used: int = 0


class Pools:
    """Counts weights; a reset of the exchange fills every pool."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._pools: WeakKeyDictionary[Account, dict[tuple[str, str], _Pool]] = WeakKeyDictionary()

    def take(self, kind: str, key: str, weight: int) -> tuple[bool, dict[str, str]]:
        """Take a weight from a pool; return whether there was enough, and what the headers tell."""
        now = milliseconds(self._exchange.clock.told())
        pool = self._pool(kind, key, now // _PERIOD)
        pool.used += weight
        headers = {
            "gw-ratelimit-limit": str(_SIZES[kind]),
            "gw-ratelimit-remaining": str(max(0, _SIZES[kind] - pool.used)),
            "gw-ratelimit-reset": str(_PERIOD - now % _PERIOD),
        }
        return pool.used <= _SIZES[kind], headers

    def _pool(self, kind: str, key: str, period: int) -> _Pool:
        """The pools are kept with the first account, which a reset replaces."""
        pools = self._pools.setdefault(self._exchange.accounts()[0], {})
        name = (kind, "" if kind == PUBLIC else key)
        if name not in pools or pools[name].period != period:
            pools[name] = _Pool(period)
        return pools[name]
