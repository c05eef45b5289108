"""Sends entries one after the other, in each account at once: `sender ROUNDS QUANTITY ACCOUNT...`.

They go through the account as it is opened for a scan, its lease and its order log. ROUNDS is how many to send in each
account, buying and selling by turns; 0 goes on until SIGTERM ends the process.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

from blocks.account import AccountBlock, OpenAccount
from blocks.resources import close_resources
from desk.execution.placing import place_orders
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderState, OrderType

_REST = 0.02
"""Seconds after an entry that was not sent, so that a halted account does not write as fast as it can."""

_LONG = timedelta(hours=1)
"""How long an account is held, since no entry leaves after that."""


async def send(name: str, rounds: int, quantity: Decimal) -> None:
    """Send entries in an account."""
    account = AccountBlock(name=name).open(run=f"sender-{uuid4().hex}")
    async with account.held(ttl=_LONG) as is_held:
        assert is_held, f"{name} is held by another run"
        for number in range(rounds) if rounds else count():
            [order] = await place_orders([_entry(account, number, quantity)], account.order_desk)
            if order.state is OrderState.CANCELLED:
                await asyncio.sleep(_REST)


def _entry(account: OpenAccount, number: int, quantity: Decimal) -> OrderIntent:
    return OrderIntent(
        client_order_id=f"sd-{uuid4().hex[:24]}",
        account=account.spec.name,
        strategy="",
        instrument=account.spec.instruments[0],
        candle_close=datetime.now(UTC),
        side=Side.SELL if number % 2 else Side.BUY,
        type=OrderType.MARKET,
        quantity=quantity,
    )


async def _main(rounds: int, quantity: Decimal, names: list[str]) -> None:
    try:
        await asyncio.gather(*(send(name, rounds, quantity) for name in names))
    finally:
        await close_resources()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Decimal(sys.argv[2]), sys.argv[3:]))
