"""OANDA's v20 REST API."""

from simulator.dialects.oanda.paths import failure, serve
from simulator.dialects.oanda.rules import VENUE

__all__ = ["VENUE", "failure", "serve"]
