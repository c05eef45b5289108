"""Reconciles an account with its venue, from its name, in the process that asks for it."""

from collections.abc import Collection, Mapping

from blocks.account import AccountBlock, OpenAccount
from blocks.resources import resources
from desk.accounts import AccountSpec
from desk.adapters.clocks import SystemClock
from desk.model.cycle import Mode
from desk.model.instrument import Instrument
from desk.steps.reconcile import reconcile
from desk.steps.reconciling import Reconciliation, Terms


async def reconcile_account(name: str, *, run: str) -> Reconciliation | None:
    """Reconcile an account, or return None while another run holds it.

    Args:
        name: in accounts.yaml.
        run: names this run in the lease.

    Raises:
        ConfigError: there is no such account, or its venue cannot be reached for want of a key.
        VenueError: fills, or orders without a known outcome, could not be read.
        LedgerError: what was found cannot be written down.
    """
    account = AccountBlock(name=name).open(run=run)
    async with account.held() as is_held:
        return await reconcile_held(account) if is_held else None


async def reconcile_held(account: OpenAccount) -> Reconciliation:
    """Reconcile an account whose lease is held; one that could be read whole counts as looked at by this process."""
    instruments = await account.feed.instruments()
    terms = Terms(
        account=account.spec.name,
        candle_close=account.key.candle_close,
        # What is held of a universe is judged until it is closed, whatever is chosen.
        configured=account.policy.instruments if account.policy.universe is None else tuple(instruments),
        instruments=instruments,
        externals=account.spec.externals,
        now=account.clock.now(),
        paid=_paid(account.spec, instruments),
    )
    done = await reconcile(terms, desk=account.order_desk, books=account.ledger, notifier=account.notifier)
    if not done.unread:
        resources().reconciled.add(account.spec.name)
    if isinstance(account.clock, SystemClock):  # what a simulated clock has seen is not a day old
        await account.ledger.thin_equity(account.spec.name, account.wall.now())
    return done


def _paid(account: AccountSpec, instruments: Mapping[str, Instrument]) -> Collection[str] | None:
    """What an account pays for with its cash; None where it has no money.

    The paper venue settles profit and fees alone, of whatever it trades.
    """
    if account.mode is not Mode.LIVE:
        return () if account.mode is Mode.PAPER else None
    return frozenset(name for name, one in instruments.items() if not one.can_short)
