"""Trades an account's past in the background, with what came of it where the runs of a fleet are looked at."""

import asyncio
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.states import Completed

from desk.adapters.backtests.opening import open_past
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from desk.backtest.engine import Windows, backtest
from desk.backtest.headlines import Headline, headlines, measure

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
    start: datetime | None = None,
    end: datetime | None = None,
    files: dict[str, str] | None = None,
    cash: Decimal | None = None,
) -> State[Any]:
    """Trade an account's past by the decisions, limits and matching of the live account.

    Args:
        account: its name in accounts.yaml.
        start, end: aware; everything that was recorded where they are left out.
        files: a candle file for each instrument, instead of the account's feed.
        cash: what the account begins with, instead of what is configured.
    """
    fleet = read_fleet(settings().config)
    paths = {name: Path(path) for name, path in files.items()} if files else None
    past = await open_past(fleet, account, files=paths, start=start, end=end, cash=cash)

    def run() -> tuple[Headline, ...]:
        result = backtest(
            past.policy,
            past.history,
            past.opening,
            start=start,
            end=end,
            setting=past.setting,
            windows=Windows.ALL,
        )
        return headlines(result, measure(result, past.history))

    told = await asyncio.to_thread(run)
    rows = [{"about": one.about, "figure": one.name, "value": one.value} for one in told]
    await acreate_table_artifact(rows, key=f"backtest-{account}", description=f"Backtest of {account}")
    found = {one.name: one.value for one in told}
    return Completed(message=f"{account}: {found['start']} became {found['end']}, {found['closed']}")
