"""Starts a worker that stops at a call of a port: `staged_worker POOL NAME JOURNAL AFTER [FILE]`.

It dies there, or, where a file is named, waits for that file.
"""

import asyncio
import sys
from pathlib import Path

from deployments.worker import DeskWorker
from tests.end_to_end.staging import Stage, compose, die, wait_for

if __name__ == "__main__":
    pool, name, journal, after, *file = sys.argv[1:]
    compose(Stage(Path(journal), after, wait_for(Path(file[0])) if file else die))
    asyncio.run(DeskWorker(pool, name=name).start())
