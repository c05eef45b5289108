"""Starts a worker that stands still in a call of a port: `frozen_worker POOL NAME TRAP SECONDS`.

Where the file TRAP holds a call and a number, the process takes the file away and stops when so many runs have come to
just after that call, as one does whose machine is suspended; SIGCONT lets it go on. Its leases last SECONDS instead of
minutes.
"""

import asyncio
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import blocks.account
import blocks.resources
from deployments.worker import DeskWorker
from tests.end_to_end.staging import Stage, compose, die


@dataclass
class Trap(Stage):
    """A stage at which runs wait for each other; its journal is the trap."""

    caught: int = 0

    async def passed(self, call: str) -> None:
        if not self.journal.exists():
            return
        wanted, runs = self.journal.read_text().split()
        if call != wanted:
            return
        self.caught += 1
        if self.caught == int(runs):
            # Not while anything here is being written, such as counts of calls: a lock of SQLite would stand still with
            # the process, and the other runs would fail for that.
            async with blocks.resources.resources().ledger.database.write():
                pass
            self.journal.unlink()
            # To this very thread: sent to the process, another thread would take it, and this one go on meanwhile.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        while self.journal.exists():  # noqa: ASYNC110 - another run takes it away
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    pool, name, trap, seconds = sys.argv[1:]
    blocks.account.LEASE_FOR = timedelta(seconds=float(seconds))
    compose(Trap(Path(trap), "", die))
    asyncio.run(DeskWorker(pool, name=name).start())
