"""Reconciles accounts with their venues in this process, and says what was found and done."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid4

from console.failures import FAILED
from console.naming import account_of
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.errors import DeskError
from desk.model.cycle import Mode
from desk.steps.reconciling import Reconciliation
from desk.steps.report import describe_order

Outcome = Reconciliation | str
"""What a reconciliation came to, or why there was none."""

_BUSY = "another run holds the account; try again in a moment"


def run_reconcile(account: str | None, *, as_json: bool) -> int:
    """Reconcile one account, or every active one, and return 1 where something is left to be looked at.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    chosen = settings()
    fleet = read_fleet(chosen.config)
    if account is None:
        names = [spec.name for spec in fleet.accounts.values() if spec.active and spec.mode is not Mode.DRY_RUN]
    else:
        names = [account_of(fleet, account).name]
    asyncio.run(upgrade(chosen.ledger_url))
    outcomes = asyncio.run(_reconcile_all(names))
    if as_json:
        print_json([_facts(name, outcome) for name, outcome in outcomes.items()])
    else:
        for name, outcome in outcomes.items():
            for line in _lines(name, outcome):
                print_line(line)
    return 0 if all(_is_clean(outcome) for outcome in outcomes.values()) else FAILED


async def _reconcile_all(names: Sequence[str]) -> dict[str, Outcome]:
    # Imported late: Prefect costs a second, and only the building of an account needs it.
    from blocks.resources import close_resources

    try:
        return {name: await _reconcile(name) for name in names}
    finally:
        await close_resources()


async def _reconcile(name: str) -> Outcome:
    from blocks.reconciling import reconcile_account

    try:
        return await reconcile_account(name, run=f"console-{uuid4()}") or _BUSY
    except DeskError as error:
        return f"{type(error).__name__}: {error}"


def _is_clean(outcome: Outcome) -> bool:
    return isinstance(outcome, Reconciliation) and outcome.is_clean


def _lines(name: str, outcome: Outcome) -> Iterator[str]:
    if isinstance(outcome, str):
        yield f"{name}: not reconciled: {outcome}"
        return
    yield f"{name}: {'ledger and venue are of one mind' if outcome.is_clean else 'look at this'}"
    for title, found in _parts(outcome).items():
        for text in found:
            yield f"  {title}: {text}"


def _parts(done: Reconciliation) -> dict[str, Sequence[str]]:
    return {
        "new fills": [str(done.repairs.new_fills)] if done.repairs.new_fills else [],
        "settled": [describe_order(order) for order in (*done.repairs.settled, *done.settled)],
        "adjusted": [str(difference) for difference in done.adjusted],
        "too young to be judged": [str(difference) for difference in done.waiting],
        "cash": [str(done.cash)] if done.cash is not None else [],
        "closed": [describe_order(order) for order in done.closed],
        "not the desk's": [external.detail for external in done.externals],
        "could not be read": done.unread,
        "could not be done": done.failures,
    }


def _facts(name: str, outcome: Outcome) -> Mapping[str, object]:
    if isinstance(outcome, str):
        return {"account": name, "clean": False, "error": outcome}
    parts = {title.replace(" ", "_").replace("'", ""): list(found) for title, found in _parts(outcome).items()}
    return {"account": name, "clean": outcome.is_clean, **parts}
