"""Lets a command ask the ledger: opened, checked, asked, closed."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from console.services.opening import open_ledger
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings, settings

if TYPE_CHECKING:  # numpy comes with it, and a kill switch must not wait for that
    from console.services.in_force import InForce
    from desk.accounts import Fleet

T = TypeVar("T")


def ask(question: Callable[[Ledger], Awaitable[T]]) -> T:
    """Return what the ledger of this installation answers.

    Raises:
        LedgerError: there is no ledger, it is not of this version, or it cannot be read; the message says what to do.
    """
    return asyncio.run(_ask(settings(), question))


def configured_fleet() -> "Fleet":
    """Return the fleet as it is configured; without numpy until this is called.

    Raises:
        ConfigError: what is wrong, a line for every problem.
    """
    from desk.accounts import load_fleet

    return load_fleet(settings().config)


def fleet_in_force() -> "Fleet":
    """Return the fleet that scans go by: while the files cannot be used, the last good one.

    Raises:
        ConfigError: the files cannot be used, and nothing was in force before.
    """
    return _in_force(settings()).fleet


async def _ask(chosen: Settings, question: Callable[[Ledger], Awaitable[T]]) -> T:
    async with open_ledger(chosen, cache(partial(_in_force, chosen))) as ledger:
        return await question(ledger)


def _in_force(chosen: Settings) -> "InForce":
    # Imported late: only a question for trading states needs the configuration.
    from console.services.in_force import find_in_force

    return find_in_force(chosen)
