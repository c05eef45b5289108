"""Adds, removes, starts, stops accounts, loads strategies: shows what follows, deployments too, asks, does it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from console.editing import ChangeOrder, assignments, change_files
from console.ledgers import ask, configured_fleet
from console.services.deployments import deployments_of
from console.services.lifecycle import to_load, to_reload, to_start, to_stop
from console.services.membership import AccountAdded, AccountCloned, AccountRemoved, require_removable
from desk.adapters.configuration import read_fleet
from desk.adapters.editing.proposing import Proposal
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import Settings, settings


def add_account(name: str, keys: Sequence[str], order: ChangeOrder) -> int:
    """Write a new account with keys such as `venue=oanda`; return 1 where it was not agreed to.

    Raises:
        NotUnderstood: the name is none that an account may have, a key has no value, or there is nobody to ask.
        ConfigError: there is one of that name, the configuration could not be used afterwards, or cannot be written.
    """
    return _change(name, AccountAdded(name, assignments(keys)).proposal, order)


def clone_account(account: str, name: str, keys: Sequence[str], order: ChangeOrder) -> int:
    """Write an account like another one, but for keys such as `timeframe=M15`; see `add_account`."""
    return _change(name, AccountCloned(account, name, assignments(keys)).proposal, order)


def remove_account(account: str, order: ChangeOrder) -> int:
    """Remove an account; see `add_account`.

    Raises:
        ConfigError: it holds something, or it is armed.
    """
    removed = AccountRemoved(account)
    removed.proposal(settings())
    asyncio.run(upgrade(settings().ledger_url))
    ask(lambda ledger: require_removable(ledger, account))
    return _change(account, removed.proposal, order)


def start_account(account: str, order: ChangeOrder) -> int:
    """Let the schedule of an account run; return 1 where it was not agreed to.

    Raises:
        NotUnderstood: there is no such account, nobody to ask, or the configuration could not be used afterwards.
        ConfigError: it cannot be used now, or cannot be written.
    """
    return _change(account, to_start(configured_fleet(), account).proposal, order)


def stop_account(account: str, order: ChangeOrder) -> int:
    """Let the schedule of an account rest; see `start_account`."""
    return _change(account, to_stop(configured_fleet(), account).proposal, order)


def load_strategy(account: str, strategy: str, parameters: Sequence[str], order: ChangeOrder) -> int:
    """Give an account a strategy, with parameters such as `period=20`, in place of those that it has.

    Raises:
        NotUnderstood: there is no such account or strategy, nobody to ask, or the configuration could not be used
            afterwards.
        ConfigError: it cannot be used now, or cannot be written.
    """
    wanted = to_load(configured_fleet(), account, strategy, assignments(parameters))
    return _change(account, wanted.proposal, order)


def reload_account(account: str, order: ChangeOrder) -> int:
    """Check the files as they are, and bring the deployments of an account in line with them.

    Raises:
        NotUnderstood: there is no such account, or nobody to ask.
        ConfigError: the files cannot be used; what was in force before stays so.
    """
    return _change(account, to_reload(read_fleet(settings().config), account).proposal, order)


def _change(account: str, proposing: Callable[[Settings], Proposal], order: ChangeOrder) -> int:
    """Bring the deployments of the account in line, whatever is written."""
    left = partial(_until_then, account)
    return change_files(partial(proposing, settings()), order, deployments=deployments_of(account), left=left)


def _until_then(account: str, proposal: Proposal) -> Iterator[str]:
    """What a server goes by that was not told."""
    before, after = proposal.before, proposal.after.accounts.get(account)
    if after is None:
        yield f"Until then a schedule of {account} goes on there, and its runs fail, for there is no such account."
    elif before is not None and account not in before.accounts:
        yield f"Until then {account} is not scanned."
    elif not after.active:
        yield f"Until then a schedule of {account} goes on there; `desk halt account:{account}` works at once."
