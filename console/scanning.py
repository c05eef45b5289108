"""Scans one account in this process, through the flow that its deployment runs."""

import asyncio
from datetime import datetime

from console.in_process import any_server, deliver_logs
from console.naming import account_of
from console.narrating import narrate
from console.showing import print_blocks, print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.facts import Explanation
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.steps.report import rows_of


def run_scan(account: str, *, at: datetime | None, as_json: bool) -> int:
    """Scan, print what was decided and why, and return 1 when the cycle did not end well."""
    chosen = settings()
    account_of(read_fleet(chosen.config), account)
    asyncio.run(upgrade(chosen.ledger_url))
    with any_server(chosen.home) as ui_url:
        state, found = asyncio.run(_scan(account, at))
    if as_json:
        rows = rows_of(found.record) if found else []
        print_json({"account": account, "state": state, "rows": rows, "ui": ui_url})
    elif found is None:
        print_line(f"{account}: {state}; nothing was recorded")
    else:
        print_line(f"{account}: {state}")
        print_blocks(narrate(found))
    return 0 if state in ("Traded", "Held") else 1


async def _scan(account: str, at: datetime | None) -> tuple[str, Explanation | None]:
    # Imported late: Prefect reads its settings on import, and they are known only now.
    from blocks.account import cycle_of
    from blocks.resources import close_resources, resources
    from flows.scan import scan

    try:
        _, key = cycle_of(account, at=at, scheduled_for=None)
        state = await scan(account, at, return_state=True)
        return state.name or str(state.type), await resources().ledger.why(account, at=key.candle_close)
    finally:
        await close_resources()
        await deliver_logs()
