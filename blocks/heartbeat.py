"""Gives a sign of life once a round of scans is complete, where the operator has said to whom."""

import logging
from collections.abc import Iterable
from datetime import datetime

from blocks.resources import resources
from desk.accounts import AccountSpec
from desk.accounts.punctuality import overdue_since
from desk.adapters.ledger.facts import AccountSummary
from desk.adapters.notify.heartbeat import give_sign
from desk.adapters.settings import settings

_LOG = logging.getLogger("scandesk.heartbeat")


async def tell_alive(now: datetime) -> bool:
    """Give a sign, and return whether it was taken; where it was not, the next round tries again.

    Args:
        now: by the machine's clock.
    """
    url = settings().ping_url
    if url is None or not url.get_secret_value():
        return False
    accounts = resources().fleet().accounts.values()
    if not is_round_complete(accounts, await resources().ledger.summaries(), now):
        return False
    if trouble := await give_sign(url):
        _LOG.warning("no sign of life was given: %s", trouble)
    return not trouble


def is_round_complete(accounts: Iterable[AccountSpec], summaries: Iterable[AccountSummary], now: datetime) -> bool:
    """Return whether every active account was scanned as its schedule wants, and one of them at all.

    One that was never scanned may be new; it does not keep the others from being heard.
    """
    cycles = {one.account: one.last_cycle for one in summaries}
    scanned = [(spec, cycle) for spec in accounts if spec.active and (cycle := cycles.get(spec.name))]
    missing = (overdue_since(spec.schedule, cycle.started_at, now) for spec, cycle in scanned)
    return bool(scanned) and all(due is None for due in missing)
