"""Watches accounts once in this process, and says what was done and what could not be."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from console.failures import FAILED
from console.naming import account_of
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.errors import DeskError
from desk.model.cycle import Mode

if TYPE_CHECKING:  # it brings Prefect, which costs a second
    from blocks.watching import Pass


def run_watch(account: str | None, *, as_json: bool) -> int:
    """Watch one account, or all of them, and return 1 where something could not be done.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    chosen = settings()
    fleet = read_fleet(chosen.config)
    trading = [spec.name for spec in fleet.accounts.values() if spec.mode is not Mode.DRY_RUN]
    names = trading if account is None else [account_of(fleet, account).name]
    asyncio.run(upgrade(chosen.ledger_url))
    passes = asyncio.run(_watch_all(names))
    if as_json:
        print_json([_facts(name, done) for name, done in passes.items()])
    else:
        for line in (line for name, done in passes.items() for line in _lines(name, done)):
            print_line(line)
    return FAILED if any(_is_ill(done) for done in passes.values()) else 0


async def _watch_all(names: Sequence[str]) -> "dict[str, Pass | DeskError]":
    from blocks.resources import close_resources

    try:
        return {name: await _watch(name) for name in names}
    finally:
        await close_resources()


async def _watch(name: str) -> "Pass | DeskError":
    from blocks.watching import watch_by_name

    try:
        return await watch_by_name(name, run=f"by-hand-{uuid4()}")
    except DeskError as error:
        return error


def _is_ill(done: "Pass | DeskError") -> bool:
    return isinstance(done, DeskError) or (done.watched is not None and bool(done.watched.left))


def _facts(name: str, done: "Pass | DeskError") -> Mapping[str, object]:
    if isinstance(done, DeskError):
        return {"account": name, "error": str(done)}
    if done.watched is None:
        return {"account": name, "not_watched": done.why}
    seen = done.watched
    return {"account": name, "positions": seen.held, "done": list(seen.done), "left": list(seen.left)}


def _lines(name: str, done: "Pass | DeskError") -> Iterator[str]:
    if isinstance(done, DeskError):
        yield f"{name}: {done}"
    elif done.watched is None:
        yield f"{name}: {done.why}"
    else:
        yield f"{name}: {done.watched.held} positions, {'not everything' if done.watched.left else 'all'} in order"
        yield from (f"  did: {line}" for line in done.watched.done)
        yield from (f"  not done: {line}" for line in done.watched.left)
