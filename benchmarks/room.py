"""How long the control room takes to answer for a large fleet, and to tell twenty open browsers what has changed."""

import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from os import environ
from typing import TYPE_CHECKING

import httpx
from sqlmodel import SQLModel, insert

from benchmarks.figures import Figure, process_memory
from benchmarks.installation import Bench
from console.api.keys import digest_of, new_key
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tables import CycleRow, EquityRow, TradeRow
from desk.model.access import Rights, Token

if TYPE_CHECKING:
    from playwright.sync_api import StorageState

TRADES = 100_000
BROWSERS = 20
ASKED = 40
MOST = timedelta(milliseconds=100)
LATEST = timedelta(seconds=30)
"""By when a page shows what has changed: accounts are read again that often."""

_FLEET = ("/api/accounts", "/api/trades", "/api/trades?outcome=lost", "/api/positions", "/api/audit")
_LISTS = ("trades", "orders", "cycles", "equity", "positions")
_SERVE = "from console.main import main; main(['serve', '--port', '0', '--json'])"
_PERIOD = timedelta(minutes=5)
_ROWS_AT_ONCE = 2_000
_PATIENCE = 60_000
"""Milliseconds for a page: a slow one is a figure, too."""
_UNLIMITED = {"DESK_API_CALLS_PER_MINUTE": "1000000", "DESK_API_STRANGERS_PER_MINUTE": "1000000"}
"""How long a reply takes is measured, and not how soon the next may be asked for."""


@dataclass(frozen=True, slots=True)
class _Served:
    address: str
    link: str
    pid: int


def measure(bench: Bench) -> Iterator[Figure]:
    """Fill the ledger of an installation, serve it, and ask."""
    key = new_key()
    asyncio.run(_fill(bench, key))
    with _serving(bench) as served, _client(served, key) as client:
        yield from _replies(bench, client, "nobody else")
        if chromium := shutil.which("chromium"):
            yield from _browsers(bench, served, client, chromium)
        else:
            yield Figure("Browsers", "not measured", "no chromium on the PATH")
        yield Figure("Memory of the control room", f"{process_memory(served.pid):.0f} MB", "with all of that")


def _replies(bench: Bench, client: httpx.Client, beside: str) -> Iterator[Figure]:
    nothing = _slowest_but_few(client, "/healthz")
    for path in (*_FLEET, *(f"/api/accounts/{bench.account}/{one}" for one in _LISTS)):
        took = _slowest_but_few(client, path)
        name = path.replace(bench.account, "…")
        compared = f"/healthz {nothing * 1000:.0f} ms; {beside}"
        goal = f"at most {MOST.total_seconds() * 1000:.0f} ms"
        yield Figure(f"p95 of {name}", f"{took * 1000:.0f} ms", compared, goal, took <= MOST.total_seconds())


def _slowest_but_few(client: httpx.Client, path: str) -> float:
    _ask(client, path)  # what is read once is not what a page waits for
    return statistics.quantiles([_ask(client, path) for _ in range(ASKED)], n=20)[-1]


def _ask(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return time.perf_counter() - started


def _browsers(bench: Bench, served: _Served, client: httpx.Client, chromium: str) -> Iterator[Figure]:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        first = browser.new_context()
        first.new_page().goto(served.link)
        cookies = first.storage_state()
        pages, opened = [], []
        for _ in range(BROWSERS):
            page = browser.new_context(storage_state=cookies).new_page()
            started = time.perf_counter()
            page.goto(served.address)
            expect(page.get_by_role("row")).to_have_count(len(bench.accounts) + 1, timeout=_PATIENCE)
            opened.append(time.perf_counter() - started)
            pages.append(page)
        yield Figure(f"The fleet in one of {BROWSERS} browsers", f"{max(opened):.1f} s", "the slowest of them, drawn")
        with _visitor(served, cookies) as visitor:
            yield Figure(
                "p95 of the page of the fleet",
                f"{_slowest_but_few(visitor, '/') * 1000:.0f} ms",
                f"{BROWSERS} browsers",
            )
        yield from _replies(bench, client, f"{BROWSERS} browsers")
        started = time.perf_counter()
        client.post("/api/halt", json={"scope": "fleet", "why": "a measurement"}).raise_for_status()
        for page in pages:
            expect(page.get_by_text("a measurement").first).to_be_visible(timeout=_PATIENCE)
        took = time.perf_counter() - started
        yield Figure(
            f"A halt is shown in {BROWSERS} browsers",
            f"{took:.1f} s",
            "the last of them",
            f"at most {LATEST.total_seconds():.0f} s",
            took <= LATEST.total_seconds(),
        )
        browser.close()


@contextmanager
def _serving(bench: Bench) -> Iterator[_Served]:
    kept = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", _SERVE]
    with subprocess.Popen(
        command, env={**kept, **bench.environment, **_UNLIMITED}, stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        try:
            told = ""
            while not told.endswith("}\n"):
                told += serving.stdout.readline()
            yield _Served(**json.loads(told), pid=serving.pid)
        finally:
            serving.terminate()


def _client(served: _Served, key: str) -> httpx.Client:
    return httpx.Client(base_url=served.address, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def _visitor(served: _Served, state: "StorageState") -> httpx.Client:
    """Asks for a page as a browser does, and draws nothing of it."""
    cookies = {one["name"]: one["value"] for one in state["cookies"]}
    return httpx.Client(base_url=served.address, cookies=cookies, timeout=60)


async def _fill(bench: Bench, key: str) -> None:
    database = Database.open(f"sqlite:///{bench.home / 'desk.db'}")
    try:
        now = datetime.now(UTC).replace(microsecond=0)
        each = TRADES // len(bench.accounts)
        for account in bench.accounts:
            times = [now - _PERIOD * number for number in range(1, each + 1)]
            await _insert(database, [_trade(account, at) for at in times])
            await _insert(database, [_equity(account, at) for at in times])
            await _insert(database, [_cycle(account, at) for at in times[:300]])
        await Ledger(database).add_token(Token("bench", Rights.TRADE, "bench", now), digest_of(key))
    finally:
        await database.close()


async def _insert(database: Database, rows: Sequence[SQLModel]) -> None:
    async with database.write() as session:
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[first : first + _ROWS_AT_ONCE]
            await session.exec(insert(type(part[0])), params=[row.model_dump() for row in part])


def _trade(account: str, at: datetime) -> TradeRow:
    return TradeRow(
        account=account,
        opened_by=f"{account}-{at:%Y%m%d%H%M}",
        instrument="EUR/USD",
        strategy="momentum_trading",
        side="buy",
        entry_order_id=f"{account}-{at:%Y%m%d%H%M}",
        entry_candle_close=at,
        opened_at=at,
        closed_at=at + timedelta(minutes=3),
        entry_quantity=Decimal(1000),
        entry_notional=Decimal(1100),
        exit_quantity=Decimal(1000),
        exit_notional=Decimal(1101),
        realised_profit=Decimal(1),
        fees=Decimal("0.1"),
        exit_reason="target",
    )


def _equity(account: str, at: datetime) -> EquityRow:
    money = Decimal(100_000) + at.minute
    return EquityRow(account=account, at=at, equity=money, cash=money, peak=Decimal(100_060))


def _cycle(account: str, at: datetime) -> CycleRow:
    close = at.replace(second=0)
    return CycleRow(
        account=account,
        candle_close=close,
        state="held",
        mode="paper",
        flow_run_id="",
        started_at=close,
        finished_at=close + timedelta(seconds=1),
        detail="",
        config_version="",
        code_version="",
        durations={},
        proposals=[],
        intents=[],
        orders=[],
        parts="",
    )
