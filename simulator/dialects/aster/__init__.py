"""Aster's futures API, both generations: requests signed with a key, and with a wallet."""

from simulator.dialects.aster.paths import failure, serve
from simulator.dialects.aster.rules import VENUE

__all__ = ["VENUE", "failure", "serve"]
