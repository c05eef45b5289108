"""A small installation in a folder of its own: configuration, ledger, and fakes for what a test wants to break."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from prefect.runtime import task_run

from blocks import resources as shared
from blocks.resources import Resources
from desk.adapters.feeds.live import LiveFeed
from desk.adapters.feeds.shared import SharedFeed
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.cycle import CycleKey
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Feed, Message

CLOSE = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
"""A Wednesday afternoon: every market of the synthetic feed is open."""
AT = CLOSE.replace(second=5)

ACCOUNTS = """\
defaults: {mode: paper, feed: embedded, timeframe: M5, lookback: 150, venue: oanda, currency: USD, policy: open}
feeds:
  embedded: {kind: synthetic, seed: 7}
  played:
    kind: recorded
    files: {EUR/USD: euro.csv}
    clock: {start: 2014-05-05T00:00:00Z, anchor: 2026-01-01T00:00:00Z, speed: 60}
venues:
  oanda: {maker_fee_bps: 0, taker_fee_bps: 0, slippage_bps: 0.2, max_leverage: 20}
accounts:
  trader: &account
    starting_cash: 100_000
    instruments: [EUR/USD, USD/JPY]
    strategies: [{name: momentum_trading}]
    schedule: {every: 5m, offset: 5s}
  holder: {<<: *account, policy: shut}
  planner: {<<: *account, mode: dry_run}
  player: {<<: *account, feed: played, instruments: [EUR/USD]}
"""

POLICY = """\
policies:
  open: &policy
    sizing: {name: fixed_fraction, parameters: {fraction: 0.005}}
    entry_score: 0.0001
    exit_score: 0.3
    rules: [{name: number_of_positions, limit: 4}]
  shut: {<<: *policy, entry_score: 1}
"""

EURO = """\
time,open,high,low,close,volume
2014-05-05T00:00:00Z,1.1,1.2,1.0,1.1,10
2014-05-05T00:01:00Z,1.1,1.2,1.0,1.1,10
"""


@dataclass
class Recorder:
    """A notifier that keeps what it was told, or raises `fails`."""

    told: list[Message] = field(default_factory=list)
    fails: Exception | None = None

    async def send(self, message: Message) -> None:
        if self.fails:
            raise self.fails
        self.told.append(message)


@dataclass
class SabotagedFeed:
    """A feed whose quotes fail, or never come, while a task of a certain name runs; `times` limits how often."""

    inner: Feed
    task: str
    error: Exception | None
    times: int = 1_000
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_timeframe(self) -> Timeframe:
        return self.inner.base_timeframe

    async def instruments(self) -> Mapping[str, Instrument]:
        return await self.inner.instruments()

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        return await self.inner.candles(instrument, timeframe, until=until, count=count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        if task_run.task_name == self.task and self.times > 0:
            self.times -= 1
            self.reached.set()
            if self.error is None:
                await asyncio.Event().wait()
            else:
                raise self.error
        return await self.inner.quotes(instruments, at=at)


class ForbiddenPrices(SharedFeed):
    """A feed whose prices are not for whoever asks."""

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        raise AssertionError(f"these prices of {', '.join(instruments)} may be some seconds old")


@dataclass
class Installation:
    """Folders, the ledger, the notifier, and ways to break the feed.

    Attributes:
        home: as DESK_HOME; everything that the desk writes is below it.
        config: as DESK_CONFIG.
        opened: the resources of the test's event loop.
    """

    home: Path
    config: Path
    opened: Resources
    notifier: Recorder = field(default_factory=Recorder)

    @property
    def ledger(self) -> Ledger:
        return self.opened.ledger

    @property
    def told(self) -> list[Message]:
        return self.notifier.told

    async def record(self, account: str, close: datetime = CLOSE):
        """Return the cycle's record, which must exist."""
        record = await self.ledger.cycle(CycleKey(account, close))
        assert record is not None, f"{account} has no cycle of {close}"
        return record

    def sabotage(self, account: str, *, task: str, error: Exception | None = None, times: int = 1_000) -> SabotagedFeed:
        """Make quotes of an account's feed fail during a task; without an error they never come."""
        feed = self.opened.feed(account)
        broken = SabotagedFeed(feed.deciding, task, error, times)
        self.opened._feeds[self._key(account)] = LiveFeed(*(SharedFeed(broken) for _ in range(3)))
        return broken

    def forbid_decisions(self, account: str) -> None:
        """Make it an error to ask the account's feed for prices as decisions do."""
        feed = self.opened.feed(account)
        self.opened._feeds[self._key(account)] = replace(feed, deciding=ForbiddenPrices(feed.deciding))

    def repair(self, account: str) -> None:
        """Give the account a working feed again."""
        del self.opened._feeds[self._key(account)]

    def _key(self, account: str) -> str:
        return self.opened.fleet().feed_of(account).model_dump_json()


def write_configuration(directory: Path) -> Path:
    """Write the files of the small fleet, and return their folder."""
    directory.mkdir(exist_ok=True)
    for name, text in (("accounts.yaml", ACCOUNTS), ("policy.yaml", POLICY), ("euro.csv", EURO)):
        (directory / name).write_text(text, encoding="utf-8")
    return directory


@pytest.fixture(scope="session")
def ledger_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def installation(
    tmp_path: Path, ledger_template: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    """An installation that the desk's own settings lead to; what it opened is closed at the end."""
    home, config = tmp_path / "home", write_configuration(tmp_path / "config")
    home.mkdir()
    shutil.copy(ledger_template, home / "desk.db")
    for name in ("DESK_DATABASE_URL", "DESK_NOTIFY_URLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESK_HOME", str(home))
    monkeypatch.setenv("DESK_CONFIG", str(config))
    monkeypatch.chdir(tmp_path)  # no .env of the checkout
    settings.cache_clear()
    made = Installation(home, config, shared.resources())
    made.opened.notifier = made.notifier
    yield made
    await shared.close_resources()
    settings.cache_clear()


Answer = TypeVar("Answer")


async def eventually(ask: Callable[[], Awaitable[Answer]], is_enough: Callable[[Answer], bool]) -> Answer:
    """Ask until the answer is enough, for at most ten seconds; the server writes task runs and logs in batches."""
    deadline = asyncio.get_running_loop().time() + 10
    while not is_enough(answer := await ask()):
        assert asyncio.get_running_loop().time() < deadline, answer
        await asyncio.sleep(0.1)
    return answer
