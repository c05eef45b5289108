"""KuCoin's futures host: linear perpetuals in lots."""

from simulator.dialects.kucoin_common.errors import failure
from simulator.dialects.kucoin_futures.paths import serve
from simulator.dialects.kucoin_futures.rules import VENUE

__all__ = ["VENUE", "failure", "serve"]
