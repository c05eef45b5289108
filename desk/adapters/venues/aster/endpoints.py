"""Where each endpoint lives in the two generations of the API, and which of them are public."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PUBLIC = frozenset({"time", "exchangeInfo", "klines", "ticker/bookTicker", "depth", "premiumIndex", "fundingInfo"})
_VERSIONED = re.compile(r"/fapi/v\d/(?P<endpoint>.+)$")


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of the API.

    Attributes:
        version: of every endpoint that `elsewhere` does not name.
    """

    version: int
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def path(self, endpoint: str) -> str:
        """Return the path of an endpoint."""
        return "/fapi/" + self.elsewhere.get(endpoint, f"v{self.version}/{endpoint}")


KEYS = Generation(1, {"account": "v4/account", "positionRisk": "v2/positionRisk"})
"""Requests signed with an API key."""
WALLETS = Generation(3, {"account": "v3/accountWithJoinMargin"})
"""Requests signed with a wallet."""


def is_public(endpoint: str) -> bool:
    """Return whether the venue answers without a signature."""
    return endpoint in _PUBLIC


def is_public_path(path: str) -> bool:
    """Return whether the endpoint of a path is public; what is not known is not."""
    found = _VERSIONED.search(path)
    return found is not None and is_public(found["endpoint"])
