"""The command line as a user has it: words in, printed text and exit code out, in a folder of the test's own."""

import asyncio
import gc
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.main import main
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from tests.builders import CLOSE

ACCOUNTS = """\
defaults: {venue: oanda, mode: paper, feed: embedded, currency: USD, starting_cash: 10_000.10, policy: balanced}
feeds:
  embedded: {kind: synthetic, seed: 7}
venues:
  oanda: {maker_fee_bps: 0, taker_fee_bps: 0.5, max_leverage: 20}
accounts:
  sample:
    description: The account of the builders.
    instruments: [EUR/USD, XAU/USD, BTC/USD]
    strategies: [{name: momentum_trading}]
    schedule: {every: 5m, offset: 5s}
  fresh:
    instruments: [EUR/USD]
    strategies: [{name: breakout}]
    schedule: {cron: "*/5 * * * *", timezone: Europe/London}
  resting:
    active: false
    mode: dry_run
    instruments: [GBP/USD]
    strategies: [{name: mean_reversion}]
    schedule: {rrule: FREQ=HOURLY;BYMINUTE=2}
"""

POLICY = """\
policies:
  balanced:
    sizing: {name: fixed_fraction, parameters: {fraction: 0.005}}
    entry_score: 0.35
    exit_score: 0.3
    rules: [{name: total_exposure, multiple: 3}]
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Desk = Callable[..., Ended]
Fill = Callable[[Callable[[Ledger], Awaitable[None]]], None]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a configuration and no ledger, which the settings point at."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "accounts.yaml").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "config" / "policy.yaml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("DESK_HOME", "DESK_CONFIG", "DESK_DATABASE_URL"):
        monkeypatch.setenv(name, "")  # so that what a command sets is taken back
        monkeypatch.delenv(name)
    monkeypatch.setenv("DESK_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def desk(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """Run a command in this process."""
    thresholds = gc.get_threshold()

    def run(*words: str) -> Ended:
        settings.cache_clear()
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        printed = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int), code
        return Ended(code or 0, printed.out, printed.err)

    yield run
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.fixture(scope="session")
def ledger_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def fill(home: Path, ledger_template: Path) -> Fill:
    """Write into the ledger of the folder through the repository; it exists, and is empty, before."""
    shutil.copy(ledger_template, home / "desk.db")

    async def write(story: Callable[[Ledger], Awaitable[None]]) -> None:
        database = Database.open(f"sqlite:///{home / 'desk.db'}")
        try:
            await story(Ledger(database, FixedClock(CLOSE)))
        finally:
            await database.close()

    return lambda story: asyncio.run(write(story))


@pytest.fixture
def grouped(home: Path) -> Path:
    """The same folder, with `sample` and `resting` in the group `majors`."""
    text = ACCOUNTS
    for name in ("sample", "resting"):
        text = text.replace(f"  {name}:\n", f"  {name}:\n    group: majors\n")
    (home / "config" / "accounts.yaml").write_text(text, encoding="utf-8")
    return home


@pytest.fixture
def no_server() -> Iterator[None]:
    """No address of a Prefect server: one that does not answer is asked for a second and a half."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        yield
