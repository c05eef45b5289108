"""Judges strategies by their trades in this process, and says which have decayed."""

import asyncio
from collections.abc import Sequence

from console.failures import FAILED
from console.naming import account_of
from console.showing import print_rows
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.steps.monitor import Reviewed

Row = dict[str, object]

_NOBODY = "no active account has a policy with a monitor; the how-to `Compare strategies` says how to add one"
_NOT_MONITORED = "the policy of {} has no monitor; the how-to `Compare strategies` says how to add one"


def run_review(account: str | None, *, plan_only: bool, as_json: bool) -> int:
    """Judge the strategies of one account, or of all with a monitor; return 1 where one has decayed.

    Args:
        account: its name; None for all.
        plan_only: say what is found, and put nothing into quarantine.
        as_json: print JSON.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    chosen = settings()
    fleet = read_fleet(chosen.config)
    names = [name for name, policy in fleet.policies.items() if policy.monitor and fleet.account(name).active]
    if account is not None:
        names = [account_of(fleet, account).name]
    asyncio.run(upgrade(chosen.ledger_url))
    reviewed = asyncio.run(_review_all(names, plan_only=plan_only))
    rows = [_facts(one) if as_json else _row(one) for one in reviewed]
    print_rows(rows, as_json=as_json, empty=_NOBODY if account is None else _NOT_MONITORED.format(account))
    return FAILED if any(one.judgement.has_decayed or one.untold for one in reviewed) else 0


async def _review_all(names: Sequence[str], *, plan_only: bool) -> list[Reviewed]:
    # Imported late: Prefect costs a second, and `desk --help` must not wait for it.
    from blocks.resources import close_resources
    from blocks.reviewing import judge_by_name, review_by_name

    review = judge_by_name if plan_only else review_by_name
    try:
        return [one for name in names for one in await review(name)]
    finally:
        await close_resources()


def _row(one: Reviewed) -> Row:
    state = "quarantined now" if one.is_new else "decayed" if one.judgement.has_decayed else "in order"
    return {
        "account": one.account,
        "strategy": one.strategy,
        "found": f"{state}; {one.untold}" if one.untold else state,
        "evidence": str(one.judgement),
    }


def _facts(one: Reviewed) -> Row:
    found = one.judgement
    return {
        "account": one.account,
        "strategy": one.strategy,
        "decayed": found.has_decayed,
        "quarantined": one.is_new,
        "trades": found.trades,
        "recent": found.recent,
        "before": found.before,
        "chance": found.chance,
        "limits": found.limits,
        "untold": one.untold,
    }
