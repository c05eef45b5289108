"""Closing everything that the accounts of a scope have, at once, in the process that asks for it."""

import asyncio
from collections.abc import Mapping, Sequence
from logging import INFO, WARNING
from uuid import uuid4

from desk.adapters.logs.events import log
from desk.errors import DeskError
from desk.model.scopes import Scope


async def close_accounts(names: Sequence[str], scope: Scope, *, who: str, why: str) -> Mapping[str, Sequence[str]]:
    """Close what accounts have of a scope, or go on with that; return what is left of each, nothing where it is flat.

    What the running event loop has opened of the desk is closed afterwards.
    """
    # Imported late: Prefect comes with it, and a halt must be in force before that.
    from blocks.resources import close_resources

    try:
        ended = await asyncio.gather(*(_close_one(name, scope, who, why) for name in names))
    finally:
        await close_resources()
    return dict(zip(names, ended, strict=True))


async def close_apart(names: Sequence[str], scope: Scope, *, who: str, why: str) -> Mapping[str, Sequence[str]]:
    """Do the same in a thread with an event loop of its own, whose connections nobody else uses; log what is left.

    For processes that go on with something else: the ledger knows what was begun, and the guardian goes on with what a
    process left that ended.
    """
    left = await asyncio.to_thread(lambda: asyncio.run(close_accounts(names, scope, who=who, why=why)))
    for name, lines in left.items():
        log.log(WARNING if lines else INFO, "not closed" if lines else "closed", account=name, left=list(lines))
    return left


async def _close_one(name: str, scope: Scope, who: str, why: str) -> Sequence[str]:
    from blocks.flattening import flatten_account

    instruments = (scope.instrument,) if scope.instrument else ()
    try:
        done = await flatten_account(name, run=f"flatten-{uuid4()}", who=who, why=why, instruments=instruments)
    except DeskError as error:
        return (f"nothing was tried: {error}",)
    return (*done.left, done.untold) if done.untold else done.left
