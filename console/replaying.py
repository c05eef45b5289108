"""Scans every closed candle of a past period, one cycle after the other, through the real flow."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from console.in_process import deliver_logs, own_server
from console.naming import accounts_for_each
from console.reasons import facts_of, print_tallies
from console.showing import command, print_json, print_line, print_rows
from desk.accounts import AccountSpec, Fleet, VenueFeed
from desk.adapters.configuration import read_fleet
from desk.adapters.feeds.opening import open_feed
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.adapters.ledger.tallies import Tally
from desk.adapters.settings import Settings, settings
from desk.errors import ConfigError, DataError
from desk.model.cycle import Mode
from desk.ports import Feed

_QUIET = {
    "PREFECT_LOGGING_LEVEL": "ERROR",
    # Thousands of runs would leave their log lines and events in a database that nobody reads.
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}
_MOST_CANDLES = 1_000_000


def run_replay(accounts: Sequence[str], *, start: datetime, end: datetime, as_json: bool) -> int:
    """Replay, print what came of it, and return 1 when a cycle ended with an error.

    The replay keeps its own ledger and books in the folder `replay` of the home, begun anew each time.
    """
    found = settings()
    chosen = _prepare(found)
    fleet = read_fleet(found.config)
    specs = [fleet.account(name) for name in accounts_for_each(fleet, accounts)]
    feeds = {spec.name: _past_of(fleet, spec) for spec in specs}
    candles = asyncio.run(_all_closes(specs, feeds, start, end))
    with own_server(chosen.home, **_QUIET):
        states = asyncio.run(_replay(candles))
    rows, tallies = asyncio.run(_summaries(specs, states, chosen))
    if as_json:
        print_json([{**row, **facts_of(name, tallies[name])} for row, name in zip(rows, tallies, strict=True)])
    else:
        print_rows(rows, as_json=False, title=f"Replay of {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")
        print_line()
        print_tallies(tallies, as_json=False)
        print_line()
        print_line(f"Ask why: {command()} --home {chosen.home} why {specs[0].name} INSTRUMENT TIME")
    return 1 if any(row["errors"] for row in rows) else 0


def _prepare(found: Settings) -> Settings:
    """Begin anew in a folder of its own; the blocks of this process find it in the settings."""
    home = found.home / "replay"
    shutil.rmtree(home, ignore_errors=True)
    os.environ["DESK_HOME"] = str(home)
    os.environ.pop("DESK_DATABASE_URL", None)
    settings.cache_clear()
    chosen = settings()
    asyncio.run(upgrade(chosen.ledger_url))
    return chosen


def _past_of(fleet: Fleet, spec: AccountSpec) -> Feed:
    feed = fleet.feed_of(spec.name)
    if isinstance(feed, VenueFeed) or spec.mode is Mode.LIVE:
        expected = "an account of mode paper or dry_run on a feed of kind synthetic or recorded"
        raise ConfigError(f"{spec.name}: expected {expected}, found mode {spec.mode} on kind {feed.kind}")
    return open_feed(feed, fleet.directory)


async def _all_closes(
    specs: Sequence[AccountSpec], feeds: Mapping[str, Feed], start: datetime, end: datetime
) -> dict[str, list[datetime]]:
    return {spec.name: await _closes(spec, feeds[spec.name], start, end) for spec in specs}


async def _closes(spec: AccountSpec, feed: Feed, start: datetime, end: datetime) -> list[datetime]:
    """Return the closes of the account's candles in the period, of all its instruments together."""
    seconds: set[int] = set()
    for instrument in spec.instruments or sorted(await feed.instruments()):
        candles = await feed.candles(instrument, spec.timeframe, until=end, count=_MOST_CANDLES)
        seconds.update(int(close) for close in candles.close_times if close > start.timestamp())
    if not seconds:
        raise DataError(f"{spec.name}: expected candles between {start} and {end}, found none")
    return [datetime.fromtimestamp(close, tz=UTC) for close in sorted(seconds)]


async def _replay(candles: Mapping[str, Sequence[datetime]]) -> dict[str, Counter[str]]:
    """Run the accounts side by side, each of them one candle after the other; count how the flow runs ended."""
    # Imported late: Prefect reads its settings on import, and they are known only now.
    from prefect.context import AsyncClientContext, SyncClientContext

    from blocks.resources import close_resources

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        # One client of each kind for all runs: making one costs more than a request.
        async with AsyncClientContext.get_or_create():
            with SyncClientContext.get_or_create(), Progress(*columns, console=Console(stderr=True)) as progress:
                runs = (_replay_account(name, closes, progress) for name, closes in candles.items())
                return dict(zip(candles, await asyncio.gather(*runs), strict=True))
    finally:
        await close_resources()
        await deliver_logs()


async def _replay_account(name: str, closes: Sequence[datetime], progress: Progress) -> Counter[str]:
    from flows.scan import scan

    states: Counter[str] = Counter()
    bar = progress.add_task(name, total=len(closes))
    for close in closes:
        state = await scan(name, close, return_state=True)
        states[state.name or str(state.type)] += 1
        progress.advance(bar)
    return states


async def _summaries(
    specs: Sequence[AccountSpec], states: Mapping[str, Counter[str]], chosen: Settings
) -> tuple[list[dict[str, object]], dict[str, Tally]]:
    ledger = Ledger(Database.open(chosen.ledger_url))
    try:
        rows = [await _summary(ledger, spec, states[spec.name]) for spec in specs]
        return rows, {spec.name: await ledger.tally(spec.name) for spec in specs}
    finally:
        await ledger.close()


async def _summary(ledger: Ledger, spec: AccountSpec, states: Counter[str]) -> dict[str, object]:
    """One row, with the sum that has to come out even: cash is what there was, plus profits, less fees."""
    trades = await ledger.trades(spec.name)
    profit = sum((trade.realised_profit for trade in trades), Decimal(0))
    fees = sum((trade.fees for trade in trades), Decimal(0))
    (*_, last) = await ledger.equity_curve(spec.name)
    return {
        "account": spec.name,
        "cycles": states.total(),
        "traded": states["Traded"],
        "held": states["Held"],
        "errors": states.total() - states["Traded"] - states["Held"],
        "trades": len(trades),
        "open": sum(trade.closed_at is None for trade in trades),
        "profit": profit,
        "fees": fees,
        "cash": last.cash,
        "cash adds up": last.cash == spec.cash + profit - fees,
        "equity": last.equity,
    }
