"""Prints what people were told and what became of it, and sends what has not arrived."""

import asyncio

from console.failures import FAILED
from console.ledgers import ask
from console.services.messages import Undelivered, newest_messages, undelivered, what_became_of
from console.showing import print_json, print_line, print_rows
from console.times import format_minute
from desk.adapters.ledger.ledger import Ledger
from desk.model.messages import Told


def show_messages(*, limit: int, as_json: bool) -> int:
    """Print the newest messages; return 1 where one was given up."""

    async def looked_up(ledger: Ledger) -> tuple[tuple[Told, ...], Undelivered]:
        return await newest_messages(ledger, limit=limit), await undelivered(ledger)

    found, missing = ask(looked_up)
    if as_json:
        print_json({"messages": found, "waiting": missing.waiting, "dead": missing.dead})
    else:
        rows = [
            {
                "at": format_minute(told.at),
                "kind": told.kind.value,
                "message": f"{told.title} (+{told.repeats})" if told.repeats else told.title,
                "became": what_became_of(told),
            }
            for told in found
        ]
        print_rows(rows, as_json=False, empty="nobody was told anything yet")
        if missing.sentence:
            print_line(missing.sentence)
    return FAILED if missing.dead else 0


def send_messages(*, limit: int, as_json: bool) -> int:
    """Send what waits and what was given up, as if it were new, then print the newest; see `show_messages`."""
    asyncio.run(_send())
    return show_messages(limit=limit, as_json=as_json)


async def _send() -> None:
    # Imported late: Prefect costs a second, and only sending needs it.
    from blocks.resources import close_resources, resources
    from desk.adapters.clocks import SystemClock

    try:
        await resources().ledger.try_again(SystemClock().now())
        await resources().outbox.deliver()
    finally:
        await close_resources()
