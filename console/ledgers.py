"""Lets a command ask the ledger: opened, checked, asked, closed."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from desk.adapters.halting import HaltTriggers
from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import check_schema
from desk.adapters.settings import settings
from desk.errors import ConfigError, LedgerError
from desk.model.arming import ArmNeed
from desk.model.books import Restriction

if TYPE_CHECKING:  # numpy comes with it
    from console.in_force import InForce

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
        in_force = cache(_in_force)
        triggers, needs = partial(_triggers, in_force), partial(_needs, in_force)
        return await question(Ledger(database, triggers=triggers, needs=needs))
    finally:
        await database.close()


def _in_force() -> "InForce | None":
    """What scans go by; a configuration that is broken must keep nobody from seeing what is halted."""
    # Imported late: only a question for trading states needs the configuration.
    from console.in_force import find_in_force

    try:
        return find_in_force()
    except ConfigError:
        return None


def _needs(in_force: "Callable[[], InForce | None]") -> tuple[ArmNeed, ...]:
    """What accounts must be armed for."""
    from desk.accounts.arming import needs_arming

    found = in_force()
    return () if found is None else needs_arming(found.fleet, allows_live=settings().allows_live)


def _triggers(in_force: "Callable[[], InForce | None]") -> tuple[Restriction, ...]:
    """The halts that are not in the ledger, and which accounts are held back while the configuration is broken."""
    from desk.adapters.last_good import held_back

    halts, found = HaltTriggers.of(settings())(), in_force()
    return halts if found is None else (*halts, *held_back(found.fleet, found.problem))


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
