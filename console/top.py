"""A page in the terminal that is read again and again: the fleet, how it is, and what was decided last."""

import asyncio
import sys
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from console.inspecting import row_of
from console.services.cycles import in_short
from console.services.health.components import Health
from console.services.health.prefect import prefect_api
from console.services.health.survey import Survey, Surveyed, survey_of
from console.services.opening import FleetFiles, OpenDesk, open_ledger
from console.services.overview import Overview, overview
from console.serving import pages_of_prefect
from console.showing import laid_out, print_blocks, print_json
from console.tables import grid, table
from desk.adapters.clocks import SystemClock
from desk.adapters.settings import settings
from desk.errors import DeskError

_CYCLES = 10
_STYLES = {Health.WARNING: "yellow", Health.FAILING: "bold red", Health.UNKNOWN: "dim"}
_KEYS = "q ends it"


def run_top(*, every: float, once: bool, as_json: bool) -> int:
    """Show the fleet until `q` or Ctrl-C; without a terminal, or when asked to, once.

    Raises:
        LedgerError: there is no ledger that can be read.
        ConfigError: there is no configuration that can be used.
    """
    if as_json or once or not (sys.stdin.isatty() and sys.stdout.isatty()):
        found = asyncio.run(_look_once())
        if as_json:
            print_json(_facts(found))
        else:
            print_blocks(_blocks(found, width=laid_out().width))
        return 0
    try:
        asyncio.run(_show(every))
    except KeyboardInterrupt:
        return 0
    return 0


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[FleetFiles, OpenDesk, Survey]]:
    chosen = settings()
    files = FleetFiles(chosen)
    survey = survey_of(chosen, files.in_force, SystemClock(), prefect_api(pages_of_prefect()))
    async with open_ledger(chosen, files.in_force) as ledger:
        yield files, OpenDesk(files.current(), ledger), survey


async def _look_once() -> Overview:
    async with _opened() as (_, desk, survey):
        return await overview(desk, survey, cycles=_CYCLES)


async def _show(every: float) -> None:
    """Look and show until somebody ends it; what was seen last stays while the ledger does not answer."""
    console, blocks = laid_out(), list[RenderableType]()
    async with _opened() as (files, desk, survey):
        with _keys() as ended, Live(console=console, screen=True, auto_refresh=False) as live:
            while not ended.is_set():
                trouble = ""
                try:
                    found = await overview(OpenDesk(files.current(), desk.ledger), survey, cycles=_CYCLES)
                    blocks = list(_blocks(found, width=console.width))
                except DeskError as error:
                    trouble = f"{error}\n"
                live.update(Group(Text(trouble, "red"), *blocks, Text(f"\n{_KEYS}", "dim")), refresh=True)
                await _wait(ended, every)


async def _wait(ended: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        return


@contextmanager
def _keys() -> Iterator[asyncio.Event]:
    """Take keys one by one, and set the event that is given when one of them is `q`."""
    ended, loop, stdin = asyncio.Event(), asyncio.get_running_loop(), sys.stdin.fileno()
    before = termios.tcgetattr(stdin)
    tty.setcbreak(stdin)
    loop.add_reader(stdin, lambda: ended.set() if sys.stdin.read(1) in ("q", "Q", "") else None)
    try:
        yield ended
    finally:
        loop.remove_reader(stdin)
        termios.tcsetattr(stdin, termios.TCSADRAIN, before)


def _blocks(found: Overview, *, width: int) -> Iterator[RenderableType]:
    yield Text.assemble(("Scandesk", "bold"), f"  {found.at:%Y-%m-%d %H:%M:%S} UTC  ", *_health(found.surveyed))
    yield ""
    yield table([row_of(standing) for standing in found.fleet.accounts], width=width)
    wrong = [(Text(one.spec.name, style="red"), told) for one in found.fleet.accounts if (told := one.troubles)]
    if wrong:
        yield ""
        yield grid(wrong)
    if found.states:
        yield ""
        yield grid(
            [(Text(one.scope, style="bold red"), f"{one.state} by {one.who}: {one.why}") for one in found.states]
        )
    if found.cycles:
        yield ""
        yield Text("Newest decisions", style="bold")
        yield grid([(Text(one.key.account), in_short(one)) for one in found.cycles])


def _health(surveyed: Surveyed) -> Iterator[tuple[str, str]]:
    """What is not well, in the colour of how bad it is; a word where all is."""
    ill = [one for one in surveyed.components if one.health.severity > 0]
    if not ill:
        yield "all parts are well", "green"
    for one in ill:
        yield f"{one.name.replace('_', ' ')} {one.health}  ", _STYLES[one.health]


def _facts(found: Overview) -> dict[str, object]:
    return {
        "at": found.at,
        "health": found.surveyed.health,
        "components": {one.name: one.health for one in found.surveyed.components},
        "accounts": [standing.facts for standing in found.fleet.accounts],
        "states": found.states,
        "cycles": [
            {"account": one.key.account, "candle_close": one.key.candle_close, "state": one.state, "detail": one.detail}
            for one in found.cycles
        ],
    }
