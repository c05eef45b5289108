"""The venue's time: measured, and asked for by everything that signs or says what is closed or recent."""

from datetime import datetime
from typing import Protocol

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.reading import read
from desk.adapters.venues.coinbase.wire.market import ServerTime


class VenueClock(Protocol):
    """Tells the venue's time."""

    def now(self) -> datetime:
        """Return it, aware UTC."""
        ...


async def measure(session: VenueSession, skew: ClockSkew) -> None:
    """Ask the venue for its time; the question needs no key.

    Raises:
        VenueUnavailable: it did not answer.
    """
    sent = skew.clock.now()
    told = await read(session, requests.server_time(), ServerTime)
    skew.observe(told.iso, sent, skew.clock.now())
