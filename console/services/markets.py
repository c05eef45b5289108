"""Candles and prices for pages: asked of feeds that need no venue, and otherwise as the desk saw them last."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from desk.accounts import Fleet, VenueFeed
from desk.adapters.feeds.opening import open_feed
from desk.adapters.feeds.presents import clock_of
from desk.adapters.feeds.shared import SharedFeed
from desk.errors import ConfigError, DataError
from desk.model.books import Quote
from desk.ports import Feed


class Markets:
    """The feeds of one installation, opened when they are first asked and kept.

    A venue is not asked from here: its calls are counted, and those of the scans come first.
    """

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}

    def feed(self, fleet: Fleet, account: str) -> Feed | None:
        """Return the feed of an account; None where only a venue has its candles.

        Raises:
            ConfigError: a file of it does not exist.
        """
        spec = fleet.feed_of(account)
        if isinstance(spec, VenueFeed):
            return None
        key = spec.model_dump_json()
        if key not in self._feeds:
            self._feeds[key] = SharedFeed(open_feed(spec, fleet.directory))
        return self._feeds[key]

    def now(self, fleet: Fleet, account: str) -> datetime:
        """Return the present that an account lives in."""
        return clock_of(fleet.feed_of(account)).now()

    async def quotes(self, fleet: Fleet, account: str, instruments: Sequence[str]) -> Mapping[str, Quote]:
        """Return what prices there are now; those that nobody here can tell are missing."""
        try:
            feed = self.feed(fleet, account)
            return await feed.quotes(instruments, at=self.now(fleet, account)) if feed and instruments else {}
        except (ConfigError, DataError):
            return {}

    async def prices(self, fleet: Fleet, held: Mapping[str, Iterable[str]]) -> Mapping[tuple[str, str], Quote]:
        """Return the prices of what accounts hold, as far as they are known, by account and instrument."""
        return {
            (account, name): quote
            for account, instruments in held.items()
            for name, quote in (await self.quotes(fleet, account, list(instruments))).items()
        }
