"""Scans one account in this process, through the flow that its deployment runs."""

import asyncio
from datetime import datetime

from console.in_process import any_server
from console.naming import account_of
from console.showing import print_json, print_line, print_rows
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.model.cycle import CycleRecord
from desk.steps.report import rows_of


def run_scan(account: str, *, at: datetime | None, as_json: bool) -> int:
    """Scan, print what was decided and why, and return 1 when the cycle did not end well."""
    chosen = settings()
    account_of(read_fleet(chosen.config), account)
    asyncio.run(upgrade(chosen.ledger_url))
    with any_server(chosen.home) as ui_url:
        state, record = asyncio.run(_scan(account, at))
    if as_json:
        print_json({"account": account, "state": state, "rows": rows_of(record) if record else [], "ui": ui_url})
    else:
        _show(account, state, record)
    return 0 if state in ("Traded", "Held") else 1


def _show(account: str, state: str, record: CycleRecord | None) -> None:
    if record is None:
        print_line(f"{account}: {state}; nothing was recorded")
        return
    print_rows(rows_of(record), as_json=False, title=f"{record.key}: {state}", empty="no instrument had an outcome")
    if record.detail:
        print_line(record.detail)


async def _scan(account: str, at: datetime | None) -> tuple[str, CycleRecord | None]:
    # Imported late: Prefect reads its settings on import, and they are known only now.
    from blocks.account import cycle_of
    from blocks.resources import close_resources, resources
    from flows.scan import scan

    try:
        _, key = cycle_of(account, at=at, scheduled_for=None)
        state = await scan(account, at, return_state=True)
        return state.name or str(state.type), await resources().ledger.cycle(key)
    finally:
        await close_resources()
