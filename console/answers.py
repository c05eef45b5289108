"""Asks the venues of accounts, one question each; a venue that does not answer is an answer too."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from desk.accounts import Fleet
from desk.errors import DeskError
from desk.model.cycle import Mode
from desk.ports import Trading

T = TypeVar("T")
Answers = Mapping[str, Sequence[T] | DeskError]
"""By account, what its venue says, or why it does not; an account that trades nowhere is missing."""


def ask_venues(
    fleet: Fleet, accounts: Sequence[str], question: Callable[[Trading], Awaitable[tuple[T, ...]]]
) -> Answers[T]:
    """Return what the venues of accounts say; one that has no venue, not even on paper, is not asked."""
    trading = [name for name in accounts if fleet.account(name).mode is not Mode.DRY_RUN]
    return asyncio.run(_ask_all(trading, question))


async def _ask_all(accounts: Sequence[str], question: Callable[[Trading], Awaitable[tuple[T, ...]]]) -> Answers[T]:
    # Imported late: Prefect costs a second, and only a question to a venue needs it.
    from blocks.resources import close_resources

    try:
        return {name: await _ask(name, question) for name in accounts}
    finally:
        await close_resources()


async def _ask(name: str, question: Callable[[Trading], Awaitable[tuple[T, ...]]]) -> Sequence[T] | DeskError:
    from blocks.account import AccountBlock

    try:
        return await question(AccountBlock(name=name).open(run="console").trading)
    except DeskError as error:
        return error
