"""Coinbase's Advanced Trade: requests signed with a token or a legacy key, and a stream."""

from simulator.dialects.coinbase.paths import failure, serve
from simulator.dialects.coinbase.rules import VENUE

__all__ = ["VENUE", "failure", "serve"]
