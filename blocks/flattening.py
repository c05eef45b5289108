"""Closes what an account has, from its name, in the process that asks for it: no Prefect server has to be up."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from blocks.account import AccountBlock, OpenAccount
from desk.execution.placing import OrderDesk
from desk.steps.flatten import PAUSES, Flattened, FlatteningTools, flatten


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
    tools = FlatteningTools(lambda: _held(account), ledger, account.feed, account.clock.now, account.notifier)
    done = await flatten(flattening, tools, pauses=pauses)
    await ledger.end_flattening(flattening, who=who, remaining="\n".join(done.left))
    return done


@asynccontextmanager
async def _held(account: OpenAccount) -> AsyncIterator[OrderDesk | None]:
    async with account.held() as is_held:
        yield account.order_desk if is_held else None
