"""Judges the strategies of accounts, from their names, in the process that asks for it."""

from blocks.resources import resources
from desk.accounts import policy_of
from desk.adapters.feeds.presents import clock_of
from desk.steps.monitor import Reviewed, judge_strategies, review_strategies


def monitored_accounts() -> tuple[str, ...]:
    """Return the active accounts whose policy has a monitor."""
    fleet = resources().fleet()
    return tuple(name for name, spec in fleet.accounts.items() if spec.active and fleet.policies[name].monitor)


async def review_by_name(name: str) -> tuple[Reviewed, ...]:
    """Judge the strategies of an account and put those that have decayed into quarantine; none without a monitor.

    Raises:
        ConfigError: there is no such account.
        LedgerError: the ledger cannot be read or written.
    """
    shared = resources()
    fleet = shared.fleet()
    monitor = fleet.policies[fleet.account(name).name].monitor
    if monitor is None:
        return ()
    clock = clock_of(fleet.feed_of(name))
    return await review_strategies(name, _strategies(name), monitor.limits, shared.ledger, shared.notifier, clock)


async def judge_by_name(name: str) -> tuple[Reviewed, ...]:
    """Judge the strategies of an account, and change nothing; none without a monitor.

    Raises:
        ConfigError: there is no such account.
        LedgerError: the ledger cannot be read.
    """
    shared = resources()
    fleet = shared.fleet()
    monitor = fleet.policies[fleet.account(name).name].monitor
    if monitor is None:
        return ()
    clock = clock_of(fleet.feed_of(name))
    return await judge_strategies(name, _strategies(name), monitor.limits, shared.ledger, clock)


def _strategies(name: str) -> tuple[str, ...]:
    """The names that stand in the ledger, where the configuration may still have an earlier one."""
    return tuple(dict.fromkeys(entry.strategy.name for entry in policy_of(resources().fleet(), name).strategies))
