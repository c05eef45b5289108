"""Prints how every account is: what became of its last cycle, what it owns, and what is wrong."""

import sys
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from console.failures import CONFIGURATION, FAILED, report
from console.ledgers import ask
from console.services.in_force import find_in_force
from console.services.messages import Undelivered, undelivered
from console.services.opening import OpenDesk
from console.services.standings import FleetStanding, Standing, fleet_standing
from console.showing import print_blocks, print_json, print_table
from console.tables import grid
from console.times import format_age, format_minute, format_near
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.errors import ConfigError
from desk.model.cycle import CycleState

_STYLES = {CycleState.TRADED: "green", CycleState.RUNNING: "cyan"}


def show_status(*, as_json: bool) -> int:
    """Print a row per configured account; return 1 when the last cycle of an active one ended badly, or none has begun.

    Returns:
        3 where the configuration cannot be used; the rows are those of the last one that could be.
    """
    in_force = find_in_force(settings())

    async def looked_up(ledger: Ledger) -> tuple[FleetStanding, Undelivered]:
        return await fleet_standing(OpenDesk(in_force.fleet, ledger)), await undelivered(ledger)

    found, missing = ask(looked_up)
    if as_json:
        print_json([standing.facts for standing in found.accounts])
    else:
        print_table([row_of(standing) for standing in found.accounts])
        print_blocks([*_notes(found), *([missing.sentence] if missing.sentence else [])])
    if in_force.problem:
        report(ConfigError(in_force.problem))
        sys.stderr.write("Scans go by the configuration before it; live accounts open nothing until it is mended.\n")
        return CONFIGURATION
    return 0 if all(standing.is_well for standing in found.accounts) else FAILED


def row_of(standing: Standing) -> dict[str, object]:
    """Return what a table says of an account."""
    spec, summary = standing.spec, standing.summary
    equity = summary.equity if summary else None
    profit = summary.day_profit if summary else None
    style = "" if spec.active else "dim"
    return {
        "account": Text(spec.name, style=style),
        "mode": Text(spec.mode if spec.active else f"{spec.mode}, off", style=style),
        "last cycle": _last_cycle(standing),
        "equity": "" if equity is None else f"{equity:,.2f} {spec.currency}",
        "today": "" if profit is None else f"{profit:+,.2f}",
        "open": summary.open_positions if summary else "",
    }


def _last_cycle(standing: Standing) -> Text:
    cycle = standing.cycle
    if cycle is None or standing.age is None:
        return Text("never scanned", style="dim")
    style = "bold red" if standing.has_failed else _STYLES.get(cycle.state, "")
    when = format_near(cycle.key.candle_close, standing.age)
    return Text.assemble((cycle.state.value, style), f" {when}, {format_age(standing.age)}")


def _notes(found: FleetStanding) -> Iterator[RenderableType]:
    """What stands under the table."""
    yield ""
    wrong = [(Text(standing.spec.name, style="red"), standing.wrong) for standing in found.accounts if standing.wrong]
    if wrong:
        yield grid(wrong)
        yield ""
    if late := [f"{one.spec.name} since {format_minute(one.overdue)} UTC" for one in found.accounts if one.overdue]:
        yield f"Scans were due and have not begun: {', '.join(late)}; is `desk up` running?"
    if found.strangers:
        yield f"Also in the ledger, and not configured any more: {', '.join(found.strangers)}."
    yield found.in_total
