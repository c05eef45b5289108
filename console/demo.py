"""The first look at the desk: every active account of the sample fleet scanned once, and what each decided and why."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from console.demo_folder import begin_demo
from console.installation import Installation, installed
from console.showing import command, print_json, print_line, print_table
from deployments.plan import FLOW, plan
from desk.accounts import AccountSpec
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings, settings
from desk.errors import DeskError
from desk.model.cycle import CycleKey, CycleRecord
from desk.steps.report import describe_order, prices_of, refusals_of

AT = datetime(2026, 1, 16, 16, 0, tzinfo=UTC)
"""A Friday afternoon in Europe: every market is open, and every timeframe up to H4 has just closed a candle."""

PATIENCE = 120.0


class DemoFailed(DeskError):
    """A scan of the demo did not end as it should."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one account."""

    run: FlowRun
    record: CycleRecord
    ui_url: str


def run_demo(*, seed: int, port: int, keep: bool, as_json: bool) -> int:
    """Run the demo in a folder of its own, print what came of it, and return the exit code."""
    chosen = begin_demo(settings(), seed)
    planned = [replace(item, active=False) for item in plan(read_fleet(chosen.config))]
    if not as_json:
        print_line("Starting a Prefect server and a worker; the first start takes about ten seconds.")
    with installed(chosen, planned, port=port) as running:
        active = [account for account in running.fleet.accounts.values() if account.active]
        results, digest = asyncio.run(_scan_all(running, active, chosen))
        _show(results, digest, running, as_json=as_json)
        if keep:
            _wait_for_interrupt(running)
    if not as_json and not keep:
        here = f"{command()} --home {chosen.home} --config {chosen.config}"
        print_line(f"Look around:   {here} why oanda-momentum-2 GBP/USD")
        print_line(f"Run it:        {here} up")
    return 0 if all(result.run.state and result.run.state.is_completed() for result in results.values()) else 1


async def _scan_all(
    running: Installation, accounts: Sequence[AccountSpec], chosen: Settings
) -> tuple[dict[str, Result], str]:
    async with PrefectClient(running.server.api_url) as client:
        started = {account.name: await _start(client, account.name) for account in accounts}
        runs = await _wait(client, started, running)
    ledger = Ledger(Database.open(chosen.ledger_url))
    try:
        results = {
            account.name: Result(
                runs[account.name],
                await _record(ledger, account),
                f"{running.server.ui_url}/runs/flow-run/{runs[account.name].id}",
            )
            for account in accounts
        }
        return results, await ledger.digest()
    finally:
        await ledger.close()


async def _start(client: PrefectClient, account: str) -> UUID:
    deployment = await client.read_deployment_by_name(f"{FLOW}/{account}")
    parameters = {"account": account, "at": AT.isoformat()}
    return (await client.create_flow_run_from_deployment(deployment.id, parameters=parameters)).id


async def _wait(client: PrefectClient, started: Mapping[str, UUID], running: Installation) -> dict[str, FlowRun]:
    deadline = time.monotonic() + PATIENCE
    while True:
        runs = {account: await client.read_flow_run(run) for account, run in started.items()}
        if all(run.state and run.state.is_final() for run in runs.values()):
            return runs
        if not running.worker.is_running() or time.monotonic() > deadline:
            raise DemoFailed(f"expected every scan to end within {PATIENCE:g} s; {running.worker.log_tail()}")
        await asyncio.sleep(0.25)


async def _record(ledger: Ledger, account: AccountSpec) -> CycleRecord:
    record = await ledger.cycle(CycleKey(account.name, account.timeframe.floor(AT)))
    if record is None:
        raise DemoFailed(f"expected a record of {account.name} in the ledger, found none")
    return record


def _show(results: Mapping[str, Result], digest: str, running: Installation, *, as_json: bool) -> None:
    rows = [_row(account, result) for account, result in results.items()]
    orders = [order for result in results.values() for order in result.record.orders]
    if as_json:
        print_json({"accounts": rows, "digest": digest, "ui": running.server.ui_url})
        return
    print_table(rows, f"The sample fleet, as of {AT:%Y-%m-%d %H:%M} UTC")
    print_line()
    print_line(f"{len(results)} accounts, {sum(order.filled_quantity > 0 for order in orders)} orders filled.")
    print_line(f"Ledger digest: {digest} (the same seed gives the same)")


def _row(account: str, result: Result) -> dict[str, object]:
    record, state = result.record, result.run.state
    prices = prices_of(record)
    voices = (f"{signal.instrument} {signal.strategy} {signal.score:+.2f}" for signal in record.decision.signals)
    return {
        "account": account,
        "state": f"{state.name if state else 'unknown'}",
        "candle": f"{record.key.candle_close:%m-%d %H:%M}",
        "signals": "\n".join(voices),
        "orders": "\n".join(describe_order(order, prices) for order in record.orders),
        "not traded": "\n".join(refusals_of(record)),
        "seconds": f"{sum(record.durations.values()):.2f}",
    }


def _wait_for_interrupt(running: Installation) -> None:
    print_line(f"Running at {running.server.ui_url}; Ctrl-C ends it.")
    try:
        while running.worker.is_running():
            time.sleep(0.5)
    except KeyboardInterrupt:
        print_line("Stopping.")
