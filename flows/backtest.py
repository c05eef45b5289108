"""Trades an account's past in the background, with what came of it where the runs of a fleet are looked at."""

import asyncio
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.states import Completed
from pydantic import AwareDatetime

from desk.accounts import Fleet
from desk.adapters.backtests.identity import code_hash
from desk.adapters.backtests.records import Asked, Outcome, Run, record_of
from desk.adapters.backtests.report.library import missing_library
from desk.adapters.backtests.running import carry_out, open_asked
from desk.adapters.backtests.runs import REPORT, Runs
from desk.adapters.clocks import SystemClock
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings

TIMEOUT_SECONDS = 3_600


@flow(
    name="backtest",
    flow_run_name="backtest-{account}",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=settings().results.resolve(),
)
async def backtest_account(
    account: str,
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
    files: dict[str, str] | None = None,
    cash: Decimal | None = None,
) -> State[Any]:
    """Trade an account's past by the decisions, limits and matching of the live account; keep it, with a report.

    Args:
        account: its name in accounts.yaml.
        start, end: aware; everything that was recorded where they are left out.
        files: a candle file for each instrument, instead of the account's feed.
        cash: what the account begins with, above 0, instead of what is configured.
    """
    paths = {name: Path(path) for name, path in files.items()} if files else None
    asked = Asked(account, start, end, cash, files=paths)
    fleet = read_fleet(settings().config)
    past = await open_asked(fleet, asked)
    run, page = await asyncio.to_thread(lambda: _kept(fleet, carry_out(asked, past)))
    rows = [{"about": one.about, "figure": one.name, "value": one.value} for one in run.headlines]
    told = f"Backtest of {account}, kept as {run.id}. "
    told += f"[Report]({page.resolve().as_uri()})" if page else f"No report: {missing_library()}"
    await acreate_table_artifact(rows, key=f"backtest-{account}", description=told)
    found = {one.name: one.value for one in run.headlines}
    return Completed(message=f"{account}: {found['start']} became {found['end']}, {found['closed']}")


def _kept(fleet: Fleet, outcome: Outcome) -> tuple[Run, Path | None]:
    """What is kept of a backtest, and its report where one can be written here."""
    store, code = Runs(settings().backtests), code_hash(settings().strategies)
    run = record_of(outcome, fleet, made_at=SystemClock().now(), release=version("scandesk"), code=code)
    store.keep(run, outcome, fleet)
    if missing_library():
        return run, None
    # Loaded where a report is written: it brings the library of charts.
    from desk.adapters.backtests.report.writing import write_report

    page = store.path(run.id) / REPORT
    write_report(page, run, outcome)
    return run, page
