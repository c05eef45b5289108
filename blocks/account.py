"""The composition root: from an account's name to everything that one scan of it needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import version

from prefect.blocks.core import Block
from pydantic import Field

from blocks.company import company_of
from blocks.resources import resources
from desk.accounts import AccountSpec, VenueFeed, policy_of
from desk.accounts.watching import stop_keeping
from desk.adapters.budget.urgency import urgent
from desk.adapters.clocks import FixedClock, SystemClock
from desk.adapters.feeds.presents import clock_of
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.throttled import ThrottledLog
from desk.adapters.logs.events import about
from desk.adapters.notify.once import OnceAnHour
from desk.adapters.venue_http.fence import note_right
from desk.decide import Policy
from desk.errors import AccessDenied, ConfigError, LedgerUnwritable
from desk.execution.placing import OrderDesk
from desk.execution.stops import StopKeeping
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Mode
from desk.model.orders import OrderIntent
from desk.model.scopes import Scope
from desk.ports import Clock, Feed, Lease, Message, Notifier, Trading
from desk.steps.breaker import halt_denied, is_denial_told
from desk.steps.scan import reason_to_give_up
from desk.steps.side_data import SideData
from desk.steps.surroundings import Company
from desk.steps.withdraw import withdraw_entries

LEASE_FOR = timedelta(minutes=2)
"""How long a run may hold an account; a flow run is stopped before that."""


_WATCH_LASTS = 20
"""Seconds for which whoever wants an account waits for a watch; nearly all are over in one."""

_WATCH_HOLDER = "watch-"


class OpenAccount:
    """Everything that one scan of one account needs; lives as long as the scan.

    Not a dataclass: Prefect walks through those when they are passed to a task.

    Attributes:
        key: the cycle that is being run.
        clock: the venue's present.
        wall: the machine's time, for leases and the times of records.
        holder: names this run in the lease, the same for every retry of a flow run.
        policy: what it decides by; the instruments of a universe are put into it when they are chosen.
        superseded_by: a newer candle that the account has acted on, set when the cycle is taken up.
        choosing: where the quotes of a listing come from, when the instruments of a universe are chosen.
        books: whose fills and positions the account's are.
        company: whom it has around it.
        side_data: where figures besides candles come from.
        keys: what its connections are reached with.
        durations: seconds per task, filled in as they end.
    """

    __slots__ = (
        "books",
        "choosing",
        "clock",
        "company",
        "durations",
        "feed",
        "holder",
        "key",
        "keys",
        "lease",
        "ledger",
        "notifier",
        "policy",
        "side_data",
        "spec",
        "superseded_by",
        "trading",
        "wall",
    )

    def __init__(
        self,
        spec: AccountSpec,
        policy: Policy,
        key: CycleKey,
        *,
        clock: Clock,
        feed: Feed,
        choosing: Feed,
        trading: Trading,
        ledger: Ledger,
        notifier: Notifier,
        holder: str,
        books: str,
        company: Company,
        side_data: SideData,
    ) -> None:
        self.spec = spec
        self.policy = policy
        self.key = key
        self.clock = clock
        self.feed = feed
        self.choosing = choosing
        self.trading = trading
        self.ledger = ledger
        self.notifier = notifier
        self.holder = holder
        self.books = books
        self.company = company
        self.side_data = side_data
        self.wall = SystemClock()
        self.keys = resources().rotation.in_use(connections_of(spec))
        self.lease: Lease | None = None
        self.superseded_by: datetime | None = None
        self.durations: dict[str, float] = {}

    @property
    def lateness(self) -> timedelta:
        """How long ago the candle of this cycle closed."""
        return self.clock.now() - self.key.candle_close

    @property
    def is_late(self) -> bool:
        """Whether the candle is too old to be traded."""
        return self.lateness > self.spec.late_after

    def reason_to_give_up(self, record: CycleRecord) -> str:
        """Return why nothing more may be sent for a decision; empty where it may."""
        late_after, superseded_by = self.spec.late_after, self.superseded_by
        return reason_to_give_up(record, self.clock.now(), late_after=late_after, superseded_by=superseded_by)

    def keeping(self, instrument: str) -> StopKeeping:
        """How the stop of an instrument is kept; nowhere by an account that only decides."""
        return StopKeeping.DESK if self.spec.mode is Mode.DRY_RUN else stop_keeping(self.spec, instrument)

    @property
    def fresh_record(self) -> CycleRecord:
        """The record of this cycle when nothing has been done yet."""
        return CycleRecord(
            self.key,
            CycleState.RUNNING,
            self.spec.mode,
            config_version=self.spec.config_version,
            code_version=version("scandesk"),
        )

    @property
    def order_desk(self) -> OrderDesk:
        """What placing needs; the account must be held."""
        assert self.lease is not None, f"{self.key}: the account is not held"
        return OrderDesk(self.trading, ThrottledLog(self.ledger, self.policy.breaker), self.lease)

    @asynccontextmanager
    async def held(self, *, ttl: timedelta | None = None) -> AsyncIterator[bool]:
        """Hold the account's lease; gives False where another run holds it.

        A watch is waited for, because it is short and would cost a scan its candle; a watch waits for nobody. Keys that
        are not accepted halt the account, unless there are new ones, which the next run takes; a ledger that cannot be
        written has its entries taken back. Both errors go on to the caller.
        """
        try:
            with about(account=self.spec.name):
                async with self._leased(ttl or LEASE_FOR) as is_held:
                    yield is_held
        except AccessDenied as denial:
            if not await self._has_new_keys():
                names, now = " or ".join(connections_of(self.spec)), self.wall.now()
                await halt_denied(self.spec.name, names, denial, self.ledger, self.notifier, now=now)
            raise
        except LedgerUnwritable as error:
            await self._stand_down(error)
            raise

    async def _has_new_keys(self) -> bool:
        return await resources().rotation.has_new(self.keys, resources().fleet().connections)

    @asynccontextmanager
    async def _leased(self, ttl: timedelta) -> AsyncIterator[bool]:
        self.lease = await self._acquire(ttl)
        for _ in range(0 if is_watch(self.holder) else _WATCH_LASTS):
            if self.lease is not None or not is_watch(await self.ledger.lease_holder(self.spec.name)):
                break
            await asyncio.sleep(1)
            self.lease = await self._acquire(ttl)
        try:
            yield self.lease is not None
        finally:
            if self.lease is not None:
                await self.ledger.release_lease(self.lease)

    async def _stand_down(self, error: LedgerUnwritable) -> None:
        """Take back what waits to be opened, and tell people, at most once an hour."""
        with urgent():
            withdrawn = await withdraw_entries(self.trading)
        body = (
            "Nothing is sent before it can be written down; what is open keeps the stop that it has at its venue. Free "
            "or mend the disk: the desk goes on by itself."
        )
        title = f"{self.spec.name}: the ledger cannot be written, nothing is traded"
        reminding = OnceAnHour(self.notifier, resources().said, self.wall)
        await reminding.send(Message(title, "\n".join((str(error), *withdrawn, body)), "error"))

    async def _objection(self, intent: OrderIntent) -> str:
        """Why an order may not leave now: another run holds the account, or what opens a position has no right to."""
        if self.lease is not None and not await self.ledger.is_newest(self.lease):
            return "another run has taken the account over"
        if intent.reduce_only:
            return ""
        if not self._is_configured_so:
            return "the account's configuration has changed since this run began"
        return await self.ledger.objection(Scope(self.spec.venue, intent.account, intent.strategy, intent.instrument))

    @property
    def _is_configured_so(self) -> bool:
        """Whether what this run trades for is still what is written: an arm that is asked for may be of another."""
        found = resources().fleet().accounts.get(self.spec.name)
        return found is not None and found.config_version == self.spec.config_version

    async def _acquire(self, ttl: timedelta) -> Lease | None:
        now = self.wall.now()
        note_right(now + ttl, self._objection)
        return await self.ledger.acquire_lease(
            self.spec.name, self.holder, venue=self.spec.venue, books=self.books, now=now, ttl=ttl
        )


class AccountBlock(Block):
    """An account of the fleet, by its name in accounts.yaml."""

    _block_type_name = "Scandesk account"
    _block_type_slug = "scandesk-account"
    _description = "An account of the fleet, by its name in accounts.yaml."

    name: str = Field(description="The account's name in accounts.yaml.")

    def open(self, *, run: str, at: datetime | None = None, scheduled_for: datetime | None = None) -> OpenAccount:
        """Return the account, ready to be scanned, in the running event loop.

        Args:
            run: names the run that scans.
            at: scan as of this time; None for now.
            scheduled_for: when the run was to start, which decides on the candle; a late start does not change it.

        Raises:
            ConfigError: there is no such account, or the configuration cannot be used.
        """
        shared = resources()
        fleet = shared.fleet()
        spec, key = cycle_of(self.name, at=at, scheduled_for=scheduled_for)
        clock = FixedClock(at) if at is not None else clock_of(fleet.feed_of(self.name))
        feed = shared.feed(self.name)
        return OpenAccount(
            spec,
            policy_of(fleet, self.name),
            key,
            clock=clock,
            feed=feed.deciding,
            choosing=feed.choosing or feed.deciding,
            trading=shared.trading(spec, feed=feed.matching, clock=clock),
            ledger=shared.ledger,
            notifier=shared.notifier,
            holder=run,
            books=fleet.books_of(self.name),
            company=company_of(fleet, self.name),
            side_data=SideData(feed.depth, feed.funding, clock.now),
        )


def connections_of(spec: AccountSpec) -> tuple[str, ...]:
    """Return the connections whose keys an account needs: of its venue, and of its feed where that is a venue's."""
    feed = resources().fleet().feed_of(spec.name)
    names = {spec.connection, feed.connection if isinstance(feed, VenueFeed) else None}
    return tuple(sorted(name for name in names if name is not None))


async def was_told(name: str, error: object) -> bool:
    """Return whether people know already why a run of an account failed: they were told where it was held."""
    if isinstance(error, AccessDenied):
        return await is_denial_told(name, resources().ledger, now=SystemClock().now())
    return isinstance(error, LedgerUnwritable)


def watch_holder(run: str) -> str:
    """Return how a run that watches is named in a lease."""
    return f"{_WATCH_HOLDER}{run}"


def is_watch(holder: str) -> bool:
    """Return whether the holder of a lease only watches."""
    return holder.startswith(_WATCH_HOLDER)


def cycle_of(account: str, *, at: datetime | None, scheduled_for: datetime | None) -> tuple[AccountSpec, CycleKey]:
    """Return the account and name its cycle: the candle that was closed when the run was to start, however late it is.

    Raises:
        ConfigError: there is no such account, the configuration cannot be used, or `at` is in the future or given to
            a live account, whose orders would be decided on old prices and filled at those of now.
    """
    if at is not None and FixedClock(at).now() > SystemClock().now():
        raise ConfigError(f"expected a time that has been, found {at:%Y-%m-%d %H:%M} UTC; leave `at` out to scan now")
    fleet = resources().fleet()
    spec = fleet.account(account)
    if at is not None and spec.mode is Mode.LIVE:
        raise ConfigError(f"{account}: expected no `at` for a live account, found {at:%Y-%m-%d %H:%M} UTC")
    clock = clock_of(fleet.feed_of(account))
    moment = at or (clock.now() if scheduled_for is None else clock.shown_at(scheduled_for))
    return spec, CycleKey(account, spec.timeframe.floor(moment))
