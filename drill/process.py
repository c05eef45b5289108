"""One process of the desk: it scans, watches and reconciles the accounts of a venue as flows do, until it is killed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from desk.accounts.building import build_policy
from desk.accounts.watching import stop_keeping, watch_policy
from desk.adapters.budget.urgency import PrioritisedTrading
from desk.adapters.feeds.live import LiveFeed, share
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.throttled import ThrottledLog
from desk.adapters.venues.aster.limits import CallLimits
from desk.errors import AccessDenied, NotSent, OutcomeUnknown, VenueUnavailable
from desk.execution.breaker import LossFacts
from desk.execution.placing import OrderDesk
from desk.model.cycle import CycleKey, CycleRecord, CycleState
from desk.model.orders import Order, OrderIntent
from desk.ports import Lease, Message, Trading
from desk.steps.breaker import check_losses, halt_denied, tell_trips
from desk.steps.cycles import take_up
from desk.steps.reconcile import reconcile
from desk.steps.reconciling import Reconciliation, Terms
from desk.steps.scan import ScanTools, protect_rest, scan_account
from desk.steps.watch import Watched, WatchTools, watch_account
from drill.interrupting import Moments, Wire, interrupted
from drill.seats import Seat
from drill.wires import DIALECTS, Line, pass_time, patient
from simulator.clock import SteeredClock

LEASE_FOR = timedelta(minutes=2)


@dataclass(slots=True)
class Inbox:
    """Keeps what a person would be told."""

    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        """Keep it."""
        self.messages.append(message)


@dataclass(frozen=True, slots=True)
class Installation:
    """What processes share, because it outlives them.

    Attributes:
        address: of the simulated venue.
        database: of the ledger.
        looks_up: whether an order whose outcome is not known is asked for; False is the negative control.
    """

    dialect: str
    seats: tuple[Seat, ...]
    address: str
    database: str
    clock: SteeredClock
    inbox: Inbox
    looks_up: bool = True

    @property
    def limits(self) -> CallLimits:
        """The count of calls of somebody who has made none."""
        return CallLimits(self.clock)


class Process:
    """Opened by `opened`; after its death nothing of it is used any more.

    Attributes:
        moments: where something can happen to it.
        wire: its network.
    """

    def __init__(self, installation: Installation, name: str) -> None:
        self.moments = Moments()
        self.wire = Wire(self.moments)
        self._installation = installation
        self._clock = installation.clock
        self._name = name
        self._holders: set[str] = set()
        self._reconciled: set[str] = set()
        self._policies = {seat.name: build_policy(seat.account, seat.policy) for seat in installation.seats}
        self._database = Database.open(installation.database)
        self.ledger = Ledger(self._database, installation.clock)
        self._log = interrupted(self.ledger, self.moments)
        self._trading, live = self._open()
        self._feed, self._watched = live.deciding, live.watching

    async def scan(self, seat: Seat, close: datetime) -> bool:
        """Carry out the cycle of a candle; False where another process holds the account."""
        async with self._held(seat, "scan") as lease:
            if lease is None:
                return False
            fresh = CycleRecord(CycleKey(seat.name, close), CycleState.RUNNING, seat.account.mode)
            cycle = await take_up(fresh, self._log, flow_run_id=lease.holder, now=self._clock.now())
            if not cycle.is_finished:
                await scan_account(cycle, self._policies[seat.name], self._scan_tools(seat, close, lease))
            return True

    async def watch(self, seat: Seat) -> Watched | None:
        """Look after an account once; None where there is nothing to watch, or another process holds it."""
        if not await self.ledger.has_business(seat.name):
            return None
        async with self._held(seat, "watch") as lease:
            return None if lease is None else await self._watch(seat, lease)

    async def reconcile(self, seat: Seat, close: datetime) -> Reconciliation | None:
        """Compare an account with its venue; None where another process holds it."""
        async with self._held(seat, "reconcile") as lease:
            return None if lease is None else await self._reconcile(seat, close, lease)

    async def bury(self, bystanders: set[asyncio.Task[object]]) -> None:
        """Make an end of what a dead process was doing, as the system does.

        Args:
            bystanders: tasks that are not of the process.
        """
        self.moments.is_dead = True
        left = [task for task in asyncio.all_tasks() if task not in bystanders and task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self.wire.close()
        await self._database.close()

    async def clear_up(self, dead: "Process") -> None:
        """Give back what a dead process held, as whoever notices its death does."""
        for holder in dead._holders:
            await self.ledger.release_leases_of(holder)

    def _open(self) -> tuple[Mapping[str, Trading], LiveFeed]:
        chosen = self._installation
        line = Line(
            chosen.address,
            chosen.clock,
            self.wire,
            chosen.limits,
            recall=self.ledger.recall_order,
            retries=patient(chosen.clock),
        )
        dialect = DIALECTS[chosen.dialect]
        opened = {seat.name: dialect.open(seat, line) for seat in chosen.seats}
        market = next(iter(opened.values())).market
        ports: dict[str, Trading] = {name: PrioritisedTrading(one.trading) for name, one in opened.items()}
        if not chosen.looks_up:
            ports = {name: cast(Trading, Blind(port)) for name, port in ports.items()}
        return ports, share(market, chosen.clock, sleep=line.wait)

    @asynccontextmanager
    async def _held(self, seat: Seat, what: str) -> AsyncIterator[Lease | None]:
        holder = f"{what}-{self._name}"
        self._holders.add(holder)
        lease = await self._log.acquire_lease(
            seat.name, holder, self._clock.now(), LEASE_FOR, venue=seat.account.venue, books="drill"
        )
        try:
            yield lease
        except AccessDenied as denial:
            await halt_denied(seat.name, "drill", denial, self.ledger, self._installation.inbox, now=self._clock.now())
            raise
        finally:
            if lease is not None:
                await self._log.release_lease(lease)

    def _desk(self, seat: Seat, lease: Lease) -> OrderDesk:
        log = ThrottledLog(self._log, self._policies[seat.name].breaker)
        return OrderDesk(self._trading[seat.name], log, lease)

    def _scan_tools(self, seat: Seat, close: datetime, lease: Lease) -> ScanTools:
        account = seat.account
        return ScanTools(
            self._desk(seat, lease),
            self._log,
            self._feed,
            self._installation.inbox,
            self._clock.now,
            self._clock.now,
            account.venue,
            account.late_after,
            account.externals,
            repair=None if seat.name in self._reconciled else lambda: self._first_look(seat, close, lease),
            look_after=lambda: self._look_after(seat, lease),
            keeping=lambda instrument: stop_keeping(seat.account, instrument),
        )

    async def _look_after(self, seat: Seat, lease: Lease) -> None:
        # What it says is said again by the watch that comes by itself.
        await protect_rest(lambda: self._watch(seat, lease), lambda _said: None)

    async def _first_look(self, seat: Seat, close: datetime, lease: Lease) -> None:
        """Nothing is traded before a new process could compare everything."""
        done = await self._reconcile(seat, close, lease)
        if done.unread:
            raise VenueUnavailable(seat.account.venue, "first look at the account", "", "; ".join(done.unread))

    async def _reconcile(self, seat: Seat, close: datetime, lease: Lease) -> Reconciliation:
        terms = Terms(
            account=seat.name,
            candle_close=close,
            configured=seat.account.instruments,
            instruments=await self._feed.instruments(),
            externals=seat.account.externals,
            now=self._clock.now(),
        )
        done = await reconcile(terms, desk=self._desk(seat, lease), books=self._log, notifier=self._installation.inbox)
        if not done.unread:
            self._reconciled.add(seat.name)
        return done

    async def _watch(self, seat: Seat, lease: Lease) -> Watched:
        account, trading = seat.account, self._trading[seat.name]
        tools = WatchTools(
            self._desk(seat, lease),
            self._log,
            self._watched,
            self._clock.now,
            self._installation.inbox,
            timeframe=account.timeframe,
            lookback=account.lookback,
            set_stop=trading.set_stop,  # type: ignore[attr-defined]  # every port here is a PrioritisedTrading
            sleep=self._sleep,
        )
        close = account.timeframe.floor(self._clock.now())
        done = await watch_account(watch_policy(account, seat.policy), close, tools)
        await self._check_losses(seat, done)
        return done

    async def _check_losses(self, seat: Seat, done: Watched) -> None:
        now, equity = self._clock.now(), done.money.equity
        day_start, peak = await self.ledger.day_start_and_peak(seat.name, now) or (equity, equity)
        facts = LossFacts(now, equity, day_start, max(peak, equity))
        await check_losses(seat.name, facts, self._policies[seat.name].breaker, self.ledger, now=now)
        await tell_trips(seat.name, self.ledger, self._installation.inbox, now=now)

    async def _sleep(self, seconds: float) -> None:
        await pass_time(self._clock, seconds)


class Blind:
    """A venue as a desk takes it that does not look before it decides: what was not answered was never there.

    An order without an answer is sent again at once, and one that is asked for is believed never to have arrived.
    """

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        """Send, and take silence for a no."""
        try:
            return await self._trading.submit(intent)
        except OutcomeUnknown as error:
            raise NotSent(error.venue, error.request, error.code, error.message) from error

    async def find_order(self, client_order_id: str) -> None:
        """Find nothing."""


def newest_close(seat: Seat, at: datetime) -> datetime:
    """Return the close of the newest candle of an account."""
    return seat.account.timeframe.floor(at)


def in_turn(seats: Sequence[Seat]) -> Sequence[Seat]:
    """Return the accounts in the order in which they are scanned."""
    return sorted(seats, key=lambda seat: seat.place)
