"""Closing everything that the accounts of a scope have, at once, in the process that asks for it."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import uuid4

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


async def _close_one(name: str, scope: Scope, who: str, why: str) -> Sequence[str]:
    from blocks.flattening import flatten_account

    instruments = (scope.instrument,) if scope.instrument else ()
    try:
        done = await flatten_account(name, run=f"flatten-{uuid4()}", who=who, why=why, instruments=instruments)
    except DeskError as error:
        return (f"nothing was tried: {error}",)
    return (*done.left, done.untold) if done.untold else done.left
