"""KuCoin's spot host: the high-frequency orders, the wallets and their transfers."""

from simulator.dialects.kucoin.paths import serve
from simulator.dialects.kucoin.rules import VENUE
from simulator.dialects.kucoin_common.errors import failure

__all__ = ["VENUE", "failure", "serve"]
