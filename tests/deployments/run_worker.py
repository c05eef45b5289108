"""Starts a worker whose skipped runs are noted in a file: `python run_worker.py POOL NAME`."""

import asyncio
import sys

from sample_flows import record_skipped

from deployments.worker import DeskWorker

if __name__ == "__main__":
    worker = DeskWorker(sys.argv[1], name=sys.argv[2], record_skipped=record_skipped)
    asyncio.run(worker.start())
