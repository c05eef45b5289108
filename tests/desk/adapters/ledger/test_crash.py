"""A process that is killed: what it was told is committed is there, and what it had begun is not."""

import asyncio
import sys
from pathlib import Path

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import check_schema
from desk.model.orders import OrderState
from tests.builders import CLOSE

ROOT = Path(__file__).parents[4]
CHILD = """
import asyncio, sys
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tables import OrderRow
from tests.builders import intent

async def main():
    database = Database.open(sys.argv[1])
    ledger = Ledger(database)
    for number in range(1_000_000):
        await ledger.store_intents([intent(f"sd-{number}-a"), intent(f"sd-{number}-b")])
        print(number, flush=True)
        if number == 20:
            async with database.write() as session:
                for row in [await session.get(OrderRow, f"sd-{done}-a") for done in range(20)]:
                    row.state = "filled"
                await session.flush()
                print("begun", flush=True)
                await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_killed_writer_loses_nothing_that_was_committed_and_leaves_nothing_half_done(database_url: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, database_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        acknowledged = await _read_until_begun(child)
    finally:
        child.kill()
        await child.communicate()
    database = Database.open(database_url)
    await check_schema(database)
    orders = await Ledger(database).orders("sample")
    await database.close()
    assert acknowledged == list(range(21))
    assert {order.intent.client_order_id for order in orders} == {f"sd-{n}-{leg}" for n in acknowledged for leg in "ab"}
    assert {order.state for order in orders} == {OrderState.PLANNED}
    assert {order.intent.candle_close for order in orders} == {CLOSE}


async def _read_until_begun(child: asyncio.subprocess.Process) -> list[int]:
    assert child.stdout is not None
    lines: list[int] = []
    async for line in child.stdout:
        if line.strip() == b"begun":
            break
        lines.append(int(line))
    return lines
