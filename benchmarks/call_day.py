"""A simulated day of ten OANDA accounts, scanned every five minutes: which calls the live code makes, and how many.

The accounts are those of config/accounts.yaml with their instruments, timeframes, strategies and offsets. They trade at
the simulator over real HTTP; its clock and theirs stand still during a scan and jump from one to the next. Calls are
counted where they leave the process.
"""

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr

from benchmarks.figures import Figure
from desk.accounts import AccountSpec, Fleet, policy_of
from desk.adapters.configuration import read_fleet
from desk.adapters.feeds.live import share
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.notify.console import ConsoleNotifier
from desk.adapters.venues.oanda.conversions import HomeConversions
from desk.adapters.venues.oanda.open import OandaCredentials, OandaVenue, open_oanda, simulator
from desk.execution.placing import OrderDesk
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Mode
from desk.ports import Feed, Lease
from desk.steps.cycles import take_up
from desk.steps.scan import ScanTools, scan_account
from simulator.server import Addresses, Plan, simulated

CONFIGURATION = Path(__file__).parents[1] / "config"
START = datetime(2026, 1, 14, tzinfo=UTC)
EVERY = timedelta(minutes=5)
SCANS = int(timedelta(days=1) / EVERY)
GOAL, BUDGET = 5_000, 10_000
"""Calls a day: what is aimed at, and what the venue's budget of the sample allows."""

_TOKEN = "simulator-oanda-token"
_ENDPOINTS = (
    (re.compile(r"^/v3/accounts/[^/]+"), "account"),
    (re.compile(r"/instruments/[A-Z_]+"), "/instruments/…"),
    (re.compile(r"/(orders|transactions)/@?[^/]*\d[^/]*"), r"/\1/…"),
)


@dataclass
class HandClock:
    """A clock that stands where it is put."""

    at: datetime

    def now(self) -> datetime:
        """Return that time."""
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        """Return that time, whatever the machine's clock shows."""
        return self.at


class CountingTransport(httpx.AsyncBaseTransport):
    """Counts requests by endpoint on their way out."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Count and send."""
        endpoint = request.url.path
        for pattern, name in _ENDPOINTS:
            endpoint = pattern.sub(name, endpoint)
        self.calls[f"{request.method} {endpoint}"] += 1
        return await self._inner.handle_async_request(request)

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Stay open: the sessions of all accounts share it."""

    async def close(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@dataclass
class Day:
    """The accounts, and what they have in common."""

    fleet: Fleet
    ledger: Ledger
    clock: HandClock
    feed: Feed
    venues: dict[str, OandaVenue]

    async def scan(self, account: AccountSpec, candle_close: datetime) -> None:
        """Do what the flow does, without Prefect, at the clock's present."""
        now = self.clock.now()
        lease = await self.ledger.acquire_lease(
            account.name, f"scan at {now}", now, timedelta(minutes=2), venue=account.venue
        )
        assert lease is not None, f"{account.name}: somebody holds it"
        fresh = CycleRecord(CycleKey(account.name, candle_close), CycleState.RUNNING, Mode.LIVE)
        cycle = await take_up(fresh, self.ledger, flow_run_id=lease.holder, now=now)
        done = await scan_account(cycle, policy_of(self.fleet, account.name), self._tools(account, lease))
        assert not done.record.detail, f"{account.name}: {done.record.detail}"
        await self.ledger.release_lease(lease)

    async def orders(self) -> int:
        """Return how many orders were placed."""
        return sum([len(await self.ledger.orders(name)) for name in self.venues])

    def _tools(self, account: AccountSpec, lease: Lease) -> ScanTools:
        return ScanTools(
            OrderDesk(self.venues[account.name].trading, self.ledger, lease),
            self.ledger,
            self.feed,
            ConsoleNotifier(),
            self.clock.now,
            self.clock.now,
            account.venue,
            account.late_after,
        )


class Rehearsal:
    """A simulator with an account for each OANDA account of a configuration, and a ledger of its own."""

    def __init__(self, addresses: Addresses, folder: Path, configuration: Path = CONFIGURATION) -> None:
        self.transport = CountingTransport()
        self._addresses = addresses
        self._url = f"sqlite:///{folder / 'calls.db'}"
        self._fleet = read_fleet(configuration)
        self._accounts = [one for one in map(self._fleet.account, self._fleet.accounts) if one.venue == "oanda"]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await upgrade(self._url)
        database = Database.open(self._url)
        self._stack.push_async_callback(database.close)
        self._stack.push_async_callback(self.transport.close)
        self._steering = await self._stack.enter_async_context(httpx.AsyncClient(base_url=self._addresses.admin))
        clock = HandClock(START)
        conversions = HomeConversions(clock)
        venues = {one.name: await self._opened(row, one, clock, conversions) for row, one in enumerate(self._accounts)}
        feed = share(next(iter(venues.values())).market, clock).deciding
        self.day = Day(self._fleet, Ledger(database, clock), clock, feed, venues)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stack.aclose()

    async def run(self, scans: range) -> None:
        """Scan every account, each at its own offset from the candle's close; the first scan of the day is number 0."""
        for row in scans:
            close = START + row * EVERY
            for account in sorted(self._accounts, key=lambda one: one.schedule.offset):
                await self._wait_until(close + account.schedule.offset)
                await self.day.scan(account, close)

    async def _wait_until(self, at: datetime) -> None:
        self.day.clock.at = at
        (await self._steering.post("/clock", json={"at": at.isoformat()})).raise_for_status()

    async def _opened(self, row: int, account: AccountSpec, clock: HandClock, shared: HomeConversions) -> OandaVenue:
        number = f"101-001-000000{row}-002"
        cash = account.starting_cash or Decimal(100_000)
        opening = {"venue": "oanda", "name": number, "secrets": {"token": _TOKEN}, "cash": str(cash)}
        (await self._steering.post("/accounts", json=opening)).raise_for_status()
        return open_oanda(
            OandaCredentials(number, SecretStr(_TOKEN)),
            simulator(self._addresses.venues["oanda"]),
            clock=clock,
            transport=self.transport,
            conversions=shared,
        )


async def rehearse(folder: Path) -> tuple[Counter[str], int]:
    """Run a simulator and a whole day; return the calls by endpoint, and how many orders were placed."""
    with simulated(Plan(venues=("oanda",), start=START, speed=0)) as addresses:
        async with Rehearsal(addresses, folder) as rehearsal:
            await rehearsal.run(range(SCANS))
            return rehearsal.transport.calls, await rehearsal.day.orders()


def measure() -> Iterator[Figure]:
    """Give the calls of a whole day, in all and by endpoint."""
    with tempfile.TemporaryDirectory(prefix="desk-calls-") as folder:
        calls, orders = asyncio.run(rehearse(Path(folder)))
    yield Figure(
        "calls to OANDA in a day of ten accounts, scanned every 5 minutes",
        f"{calls.total():,}",
        f"a budget of {BUDGET:,}; {orders} orders were placed",
        f"below {GOAL:,}",
        calls.total() < GOAL,
    )
    for endpoint, count in calls.most_common():
        yield Figure(f"  {endpoint}", f"{count:,}", "")
