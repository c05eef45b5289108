"""What the runs of one process share: the ledger, the feeds, the notifier and the configuration."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from weakref import WeakKeyDictionary

from prefect.logging import get_logger

from blocks.configuration import KeptFleet
from blocks.ledger import LedgerBlock
from blocks.outbox import open_outbox
from blocks.rotation import Rotation
from desk.accounts import AccountSpec, Fleet, VenueFeed
from desk.accounts.arming import needs_arming
from desk.accounts.showing import show
from desk.adapters.budget.budget import CallBudgets
from desk.adapters.budget.urgency import PrioritisedTrading
from desk.adapters.clocks import SystemClock
from desk.adapters.feeds.live import LiveFeed, share
from desk.adapters.feeds.opening import open_feed
from desk.adapters.feeds.shared import SharedFeed
from desk.adapters.last_good import LastGood
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.logs.keeping import keep_logs
from desk.adapters.notify.outbox import Outbox
from desk.adapters.settings import Settings, settings
from desk.adapters.streams.diary import FOLDER, Diary
from desk.adapters.streams.kept import KeptStreams
from desk.adapters.streams.quotes import StreamedQuotes
from desk.adapters.streams.supervised import Listener, SupervisedStream
from desk.adapters.streams.watch import AccountWatch
from desk.adapters.venues.opening import open_trading
from desk.adapters.venues.reached import Reached, Streamed, Tools
from desk.adapters.venues.reaching import limits_of, reach, scope_of
from desk.model.cycle import Mode
from desk.ports import Clock, DepthFeed, Feed, FundingFeed, Message, Notifier, Trading

_LOG = get_logger("scandesk")


@dataclass(slots=True)
class Resources:
    """Opened once per event loop; database connections cannot cross loops.

    Attributes:
        ledger: the ledger of this installation.
        notifier: whom to tell.
        outbox: what carries that; what was not taken at once is in it.
        budgets: of calls to venues.
        rotation: the keys that connections are reached with.
        said: what people were told by a watch, and when.
        reconciled: the accounts that this process has compared with their venues.
    """

    configuration: KeptFleet
    ledger: Ledger
    notifier: Notifier
    outbox: Outbox
    budgets: CallBudgets
    _feeds: dict[str, LiveFeed] = field(default_factory=dict)
    rotation: Rotation = field(default_factory=Rotation)
    _reached: dict[object, Reached] = field(default_factory=dict)
    _streams: KeptStreams = field(default_factory=KeptStreams)
    said: dict[Message, datetime] = field(default_factory=dict)
    reconciled: set[str] = field(default_factory=set)
    _remembered: set[str] = field(default_factory=set)

    def fleet(self) -> Fleet:
        """Return the configuration as it is now; see `KeptFleet.now`.

        Raises:
            ConfigError: a file cannot be used, and there is no good configuration yet.
        """
        return self.configuration.now()

    def feed(self, account: str) -> LiveFeed:
        """Return the feed of an account, shared by every account that names the same."""
        fleet = self.fleet()
        spec = fleet.feed_of(account)
        if isinstance(spec, VenueFeed):
            reached = self.reached(spec.connection)
            return self._shared(f"{spec.connection} {id(reached)}", lambda: self._live(spec.connection, reached))
        return self._shared(spec.model_dump_json(), lambda: _own(open_feed(spec, fleet.directory)))

    def _live(self, connection: str, reached: Reached) -> LiveFeed:
        """A venue's feed; where prices are streamed, decisions take them from there."""
        fleet, clock = self.fleet(), SystemClock()
        live = share(reached.market, clock)
        if not fleet.connections[connection].stream:
            return live
        traded = {name for account in fleet.accounts_on(connection) for name in account.instruments}
        quotes, name = StreamedQuotes(live.deciding, say=_LOG.info), f"prices of {connection}"
        self._streams.keep(name, reached, lambda: _supervised(name, reached.price_stream(sorted(traded)), quotes))
        return replace(live, deciding=quotes)

    def _watch(self, spec: AccountSpec, reached: Reached) -> None:
        """Listen to the news of an account, so that nothing older is remembered than what the venue has told."""
        name = f"news of {spec.name}"

        def opened() -> SupervisedStream | None:
            streamed = reached.account_stream(spec)
            forget = streamed.forget if streamed else ()
            return _supervised(name, streamed, AccountWatch(forget, say=_LOG.info))

        self._streams.keep(name, reached, opened)

    def _shared(self, key: str, opened: Callable[[], LiveFeed]) -> LiveFeed:
        if key not in self._feeds:
            self._feeds[key] = opened()
        return self._feeds[key]

    def reached(self, connection: str) -> Reached:
        """Return the venue of a connection, shared by everything that names it; with other keys it is reached anew.

        Raises:
            ConfigError: a variable that holds one of its keys is not set.
        """
        spec = self.fleet().connections[connection]
        keys = self.rotation.keys_of(connection, spec)
        key = (connection, spec.model_dump_json(), *keys.items())
        if key not in self._reached:
            meter = self.budgets.meter(scope_of(spec), limits_of(spec))
            tools = Tools(
                SystemClock(),
                recall=self.ledger.recall_order,
                recall_traded=self.ledger.recall_traded,
                recall_dealings=self.ledger.recall_dealings,
                meter=meter,
            )
            self._reached[key] = reach(connection, spec, tools)
        return self._reached[key]

    def trading(self, spec: AccountSpec, *, feed: Feed, clock: Clock) -> Trading:
        """Return the trading port of an account in its mode."""
        if spec.mode is Mode.LIVE:
            assert spec.connection is not None, f"{spec.name}: a live account was loaded without a connection"
            reached = self.reached(spec.connection)
            if self.fleet().connections[spec.connection].stream:
                self._watch(spec, reached)
            return PrioritisedTrading(reached.trading(spec))
        return open_trading(self.fleet(), spec, feed=feed, clock=clock, database=self.ledger.database)

    async def remember_configuration(self, account: str) -> None:
        """Keep what the account's configuration hash stands for, so that an old cycle can be explained later."""
        fleet = self.fleet()
        version = fleet.account(account).config_version
        if version not in self._remembered:
            await self.ledger.store_config_version(version, show(fleet, account), SystemClock().now())
            self._remembered.add(version)

    async def close(self) -> None:
        """Close the connections to venues and database."""
        await self.rotation.close()
        await self._streams.close()
        for reached in self._reached.values():
            await reached.close()
        await self.budgets.close()
        await self.ledger.close()


_BY_LOOP: WeakKeyDictionary[asyncio.AbstractEventLoop, Resources] = WeakKeyDictionary()


def resources() -> Resources:
    """Return the resources of the running event loop, opened on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _BY_LOOP:
        _BY_LOOP[loop] = open_resources(settings())
    return _BY_LOOP[loop]


async def close_resources() -> None:
    """Close what the running event loop has opened; the next use opens it again."""
    opened = _BY_LOOP.pop(asyncio.get_running_loop(), None)
    if opened is not None:
        await opened.close()


def open_resources(chosen: Settings) -> Resources:
    """Open ledger and notifier as the settings say, and begin the log of this process."""
    keep_logs(chosen)
    kept = KeptFleet(chosen.config, LastGood(chosen.home, chosen.config))
    ledger = LedgerBlock().open(
        needs=lambda: needs_arming(kept.now(), allows_live=chosen.allows_live), held_back=kept.held_back
    )
    outbox = open_outbox(ledger, kept, chosen)
    return Resources(kept, ledger, outbox, outbox, CallBudgets(ledger.database))


def _supervised(name: str, streamed: Streamed | None, listener: Listener) -> SupervisedStream | None:
    if streamed is None:
        return None
    clock = SystemClock()
    listeners = (listener, Diary(settings().home / FOLDER, clock))
    return SupervisedStream(name, streamed.source, listeners, clock=clock, quiet_after=streamed.quiet_after)


def _own(feed: Feed) -> LiveFeed:
    """A feed that costs no calls: its quotes are as fresh for a decision as for a fill."""
    shared = SharedFeed(feed)
    depth, funding = (feed if isinstance(feed, kind) else None for kind in (DepthFeed, FundingFeed))
    return LiveFeed(shared, shared, shared, depth=depth, funding=funding)
