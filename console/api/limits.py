"""Who calls too often: people and programs by their key, everybody else by the address that they come from."""

from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from fastapi import Response

from console.api.pace import Pace
from console.api.problems import problem
from desk.adapters.settings import Settings
from desk.model.access import Visitor

_UNCOUNTED = "/healthz"
"""It asks nothing of anybody: to refuse it would cost as much, and whoever watches would take the desk for dead."""

_APART = frozenset({"/readyz", "/login"})
"""Counted, each for itself: neither wrong tokens nor pages whose session is over, which go on asking, may make the desk
look as if it were not ready, or keep a person from logging in."""

_NETWORK = 64


class Limits:
    """The limits of one server. Who has a key is never made to wait for what others do from the same address."""

    def __init__(self, chosen: Settings) -> None:
        self._known = Pace(chosen.api_calls_per_minute)
        self._strangers = Pace(chosen.api_strangers_per_minute)

    def refusal(self, visitor: Visitor | None, address: str, path: str, now: datetime) -> Response | None:
        """Count a call; return the reply to one that is one too many.

        Args:
            visitor: who calls; None for whoever has no key, or a wrong one.
            address: where the call comes from.
            path: what is asked for.
            now: aware UTC.
        """
        if path == _UNCOUNTED:
            return None
        if visitor is None or path in _APART:
            counted = f"{path if path in _APART else ''} {_neighbourhood(address)}"
            return _too_often(self._strangers.wait(counted, now))
        return _too_often(self._known.wait(visitor.session or f"token {visitor.name}", now))


def _neighbourhood(address: str) -> str:
    """The address, or of IPv6 its network: there everybody has 2^64 addresses."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    # A server that listens on both tells addresses of IPv4 in this form, and they would all be one network.
    return str(found.ipv4_mapped or ip_network((int(found), _NETWORK), strict=False))


def _too_often(wait: timedelta) -> Response | None:
    if not wait:
        return None
    seconds = max(ceil(wait.total_seconds()), 1)
    told = f"expected fewer calls, found more than are let pass; call again in {seconds} s, and less often"
    return problem(HTTPStatus.TOO_MANY_REQUESTS, told, {"retry-after": str(seconds)})
