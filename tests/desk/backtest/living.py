"""An account on paper that is scanned candle by candle, with a real ledger and the real paper venue."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from desk.accounts import Fleet, policy_of
from desk.adapters.feeds.opening import open_feed
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.ledger.throttled import ThrottledLog
from desk.adapters.venues.opening import open_trading
from desk.execution.placing import OrderDesk
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Mode
from desk.ports import Message
from desk.steps.cycles import take_up
from desk.steps.scan import ScanTools, scan_account
from desk.steps.surroundings import Company


class Time:
    """A clock that stands at the close that is being scanned."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return self.at


class Nobody:
    async def send(self, message: Message) -> None:
        """Tell nobody."""


@asynccontextmanager
async def ledger_in(folder: Path, clock: Time) -> AsyncIterator[Ledger]:
    url = f"sqlite:///{folder / 'desk.db'}"
    await upgrade(url)
    ledger = Ledger(Database.open(url), clock)
    try:
        yield ledger
    finally:
        await ledger.close()


async def live_through(fleet: Fleet, name: str, closes: Iterable[datetime], ledger: Ledger, clock: Time) -> None:
    """Scan an account at each close, as its runs would have, one after the other."""
    spec, policy = fleet.account(name), policy_of(fleet, name)
    feed_spec = fleet.feed_of(name)
    feed = open_feed(feed_spec, fleet.directory)
    for close in closes:
        clock.at = close
        trading = open_trading(fleet, spec, feed=feed, clock=clock, database=ledger.database)
        lease = await ledger.acquire_lease(name, "run", close, timedelta(minutes=2), venue=spec.venue)
        assert lease is not None
        tools = ScanTools(
            OrderDesk(trading, ThrottledLog(ledger, policy.breaker), lease),
            ledger,
            feed,
            Nobody(),
            clock.now,
            clock.now,
            venue=spec.venue,
            late_after=timedelta(minutes=5),
            company=Company({}, fleet.currency, fleet.rates),
        )
        fresh = CycleRecord(CycleKey(name, close), CycleState.RUNNING, Mode.PAPER)
        await scan_account(await take_up(fresh, ledger, flow_run_id="run", now=close), policy, tools)
        await ledger.release_lease(lease)
