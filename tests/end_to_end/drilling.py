"""The kill drill as a test sees it: scan, die, be settled, be run again, and look at the books."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.states import AwaitingRetry

from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site
from tests.end_to_end.truth import Books, Comparison, books, compare

ACCOUNT = "fx-drill"
SENDING = ("start_sending#1", "submit#1", "record_order#1", "start_sending#2", "submit#2", "record_order#2")
"""The calls that send its two orders."""


class Mortal:
    """A process that forks runs, each of which may die."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def carry_out(self, order: dict[str, object]) -> int:
        """Return the exit code of one run; a negative one is the signal that ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def start_mortal(site: Site) -> Iterator[Mortal]:
    """Start the process, and end it with the context."""
    with (
        (site.home / "drill.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.drill"],
            env={**site.environment, "DESK_NOTIFY_URLS": "[]", "PREFECT_LOGGING_TO_API_ENABLED": "false"},
            cwd=site.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        yield Mortal(process)
        process.communicate()


@dataclass
class Drill:
    """Scans of one account into a ledger of its own.

    Attributes:
        journal: what the ports were called for, by every process.
        forgets_ids: whether orders are sent under ids that are drawn.
    """

    mortal: Mortal
    client: PrefectClient
    deployment: UUID
    ledger_url: str
    journal: Path
    forgets_ids: bool = False

    async def scan(self, *, after: str = "", minutes: int = 0) -> bool:
        """Run a scan that dies after a call; what has died is settled and retried. Return whether it died.

        Whenever it dies, the ledger knows of every order at the venue that it was on its way.
        """
        run = await self.start(minutes=minutes)
        died = await self.execute(run, after=after)
        if died:
            assert self.forgets_ids or not (await self.compared()).unannounced
            await self.settle(run)
            await self.client.set_flow_run_state(run, AwaitingRetry(), force=True)
            assert not await self.execute(run)
        assert await self.end_of(run) in ("Traded", "Held")
        return died

    async def start(self, *, minutes: int = 0) -> UUID:
        """Ask for a run of the candle that closed so many minutes after the one of the fleet."""
        parameters = {"at": (AT + timedelta(minutes=minutes)).isoformat()}
        return (await self.client.create_flow_run_from_deployment(self.deployment, parameters=parameters)).id

    async def execute(self, run: UUID, *, after: str = "") -> bool:
        """Execute a run in a process of its own, which dies after a call; return whether it died."""
        code = await self._carry_out(run, after=after)
        assert code in (0, -signal.SIGKILL)
        return code != 0

    async def settle(self, run: UUID) -> None:
        """Report a run as crashed, as a worker does when it finds what a dead process left behind."""
        assert await self._carry_out(run, settles=True) == 0

    async def end_of(self, run: UUID) -> str | None:
        """Return the name of the state of a run."""
        state = (await self.client.read_flow_run(run)).state
        return state.name if state else None

    async def compared(self) -> Comparison:
        """Compare the venue's books with the ledger's."""
        return await compare(self.ledger_url, ACCOUNT)

    async def books(self) -> Books:
        """Return what the ledger has."""
        return await books(self.ledger_url, ACCOUNT)

    async def _carry_out(self, run: UUID, *, after: str = "", settles: bool = False) -> int:
        order: dict[str, object] = {"flow_run": str(run), "after": after, "settles": settles}
        order |= {"ledger_url": self.ledger_url, "journal": str(self.journal), "forgets_ids": self.forgets_ids}
        return await asyncio.to_thread(self.mortal.carry_out, order)


@dataclass(frozen=True)
class Undisturbed:
    """A scan that nothing disturbed, and every call of a port that it made."""

    calls: list[str]
    compared: Comparison
    books: Books
