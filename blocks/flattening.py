"""Closes what an account has, from its name, in the process that asks for it: no Prefect server has to be up."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from blocks.account import AccountBlock, OpenAccount, watch_holder
from blocks.resources import resources
from desk.adapters.feeds.presents import clock_of
from desk.adapters.notify.once import OnceAnHour
from desk.execution.breaker import BREAKER
from desk.execution.flattening import Flattening
from desk.execution.placing import OrderDesk
from desk.model.messages import MessageKind
from desk.model.scopes import Scope
from desk.ports import Message, Notifier
from desk.steps.flatten import PAUSES, Flattened, FlatteningTools, flatten

GUARDIAN = "guardian"
"""Who goes on with a flattening, in the audit."""

_GIVEN_UP_AFTER = timedelta(seconds=sum(PAUSES)) + timedelta(minutes=2)
"""How old a flattening is that nobody works on any more: its pauses are over, and so are its last calls."""

_GUARDIANS_PAUSES = (1.0, 3.0)
"""Seconds between the passes of the guardian: one frees what a stop holds, one closes, one finds it flat."""


async def flatten_account(
    name: str,
    *,
    run: str,
    who: str,
    why: str,
    instruments: Collection[str] = (),
    pauses: Iterable[float] = PAUSES,
) -> Flattened:
    """Close everything of an account, or of some instruments, or go on with what was begun.

    Args:
        name: in accounts.yaml.
        run: names this run in the lease; another for every process.
        who: for the audit.
        why: for the audit.
        instruments: what to close; none for everything.
        pauses: seconds between attempts.

    Raises:
        ConfigError: there is no such account, or its venue cannot be reached for want of a key.
        LedgerError: what is done cannot be written down.
    """
    account = AccountBlock(name=name).open(run=run)
    ledger = account.ledger
    flattening = await ledger.begin_flattening(name, account.clock.now(), who=who, why=why, instruments=instruments)
    done = await flatten(flattening, _tools(account, account.notifier), pauses=pauses)
    await ledger.end_flattening(flattening, who=who, remaining="\n".join(done.left))
    return done


async def abandoned_flattenings() -> tuple[Flattening, ...]:
    """Return the flattenings that have not ended flat and that nobody works on.

    One is wanted as long as a person has what it closes halted or reduced. One that is not is dropped here: who resumes
    an account keeps what is open, and the next halt must not close it.
    """
    ledger, accounts = resources().ledger, resources().fleet().accounts
    # Of an account that is not configured any more there is no key to close it with.
    unfinished = [one for one in await ledger.unfinished_flattenings() if one.account in accounts]
    wanted = []
    for one in unfinished:
        if await _is_wanted(one):
            wanted.append(one)
        else:
            await ledger.drop_flattening(one, who=GUARDIAN, why="it was resumed before it was flat")
    return tuple(one for one in wanted if _is_left_alone(one))


async def go_on_flattening(
    flattening: Flattening, *, run: str, pauses: Iterable[float] = _GUARDIANS_PAUSES
) -> Flattened:
    """Go on with a flattening for some seconds, and tell people of it, of the same once an hour.

    Args:
        flattening: begun in the ledger, of an account in accounts.yaml.
        run: names this run in the lease, as one that watches.
        pauses: seconds between attempts.

    Raises:
        ConfigError: the account's venue cannot be reached for want of a key.
        LedgerError: what is done cannot be written down.
    """
    account = AccountBlock(name=flattening.account).open(run=watch_holder(run))
    notifier = _once_an_hour(flattening, account)
    body = f"What was ordered to be closed at {flattening.begun_at:%Y-%m-%d %H:%M:%S} UTC is not closed yet."
    await notifier.send(
        Message(f"{flattening.account}: the guardian goes on closing", body, "warning", MessageKind.STATE)
    )
    done = await flatten(flattening, _tools(account, notifier), pauses=pauses)
    if done.is_flat:  # an attempt that is made again in a minute is no row of the audit
        await account.ledger.end_flattening(flattening, who=GUARDIAN, remaining="")
    return done


def _tools(account: OpenAccount, notifier: Notifier) -> FlatteningTools:
    return FlatteningTools(lambda: _held(account), account.ledger, account.feed, account.clock.now, notifier)


def _once_an_hour(flattening: Flattening, account: OpenAccount) -> Notifier:
    """Whom to tell of a flattening: what resists is the same, whichever attempt it has resisted."""
    begun = flattening.begun_at.isoformat()
    return OnceAnHour(
        account.notifier, resources().said, account.wall, alike=lambda message: replace(message, body=begun)
    )


def _is_left_alone(flattening: Flattening) -> bool:
    feed = resources().fleet().feed_of(flattening.account)
    return clock_of(feed).now() - flattening.begun_at > _GIVEN_UP_AFTER


async def _is_wanted(flattening: Flattening) -> bool:
    venue = resources().fleet().account(flattening.account).venue
    found = await resources().ledger.restrictions(flattening.account, venue)
    ordered = [one.scope for one in found if one.who != BREAKER and one.reason is None]
    return all(any(scope.covers(closed) for scope in ordered) for closed in _scopes(flattening, venue))


def _scopes(flattening: Flattening, venue: str) -> tuple[Scope, ...]:
    names = sorted(flattening.instruments) or [""]
    return tuple(Scope(venue=venue, account=flattening.account, instrument=name) for name in names)


@asynccontextmanager
async def _held(account: OpenAccount) -> AsyncIterator[OrderDesk | None]:
    async with account.held() as is_held:
        yield account.order_desk if is_held else None
