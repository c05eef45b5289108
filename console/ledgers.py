"""Lets a command ask the ledger: opened, checked, asked, closed."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from desk.adapters.halting import HaltTriggers
from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import check_schema
from desk.adapters.settings import settings
from desk.errors import ConfigError, LedgerError
from desk.model.arming import ArmNeed

T = TypeVar("T")


def ask(question: Callable[[Ledger], Awaitable[T]]) -> T:
    """Return what the ledger of this installation answers.

    Raises:
        LedgerError: there is no ledger, it is not of this version, or it cannot be read; the message says what to do.
    """
    return asyncio.run(_ask(settings().ledger_url, question))


async def _ask(url: str, question: Callable[[Ledger], Awaitable[T]]) -> T:
    require_file(url)
    database = Database.open(url)
    try:
        await check_schema(database)
        return await question(Ledger(database, triggers=HaltTriggers.of(settings()), needs=cache(_needs)))
    finally:
        await database.close()


def _needs() -> tuple[ArmNeed, ...]:
    """What accounts must be armed for; a configuration that is broken must keep nobody from seeing what is halted."""
    # Imported late: only a question for trading states needs the configuration.
    from desk.accounts import load_fleet
    from desk.accounts.arming import needs_arming

    try:
        return needs_arming(load_fleet(settings().config), allows_live=settings().allows_live)
    except ConfigError:
        return ()


def require_file(url: str) -> None:
    """Let a ledger pass that is there; a question must not leave an empty database behind.

    Raises:
        LedgerError: there is no such file; the message says what to do.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise LedgerError(
            f"{parsed.database}: expected the ledger, found no file; "
            "run `desk up` or `desk demo`, or point --home at the folder that it is in"
        )
