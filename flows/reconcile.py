"""Reconciles accounts with their venues on a schedule: the accounts of the fleet, or one."""

import asyncio
from typing import Any

from prefect import State, flow
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from blocks.account import was_told
from blocks.carrying import settle_open
from blocks.reconciling import reconcile_account
from blocks.resources import resources
from desk.adapters.logs.events import about
from desk.adapters.settings import settings
from desk.model.cycle import Mode
from desk.ports import Message
from desk.steps.treasury import messages_of
from flows.hooks import free_accounts

TIMEOUT_SECONDS = 280
_FLEET = "fleet"
_AT_ONCE = 4
_PAUSES = (0.0, 5.0, 10.0)
"""Seconds before each attempt to take an account that is being scanned."""


@flow(
    name="reconcile",
    flow_run_name="reconcile {account}",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=settings().results.resolve(),
    on_failure=[free_accounts],
    on_crashed=[free_accounts],
    on_cancellation=[free_accounts],
)
async def reconcile(account: str = _FLEET) -> State[Any]:
    """Compare orders, fills and positions with the venue, settle what is clear, and tell of what is not.

    Args:
        account: its name in accounts.yaml, or `fleet` for every active account that holds something of its own.
    """
    if account == _FLEET:
        await _settle_moves()
    names = _active_accounts() if account == _FLEET else (account,)
    turns = asyncio.Semaphore(_AT_ONCE)
    outcomes = await asyncio.gather(*(_reconcile(name, turns) for name in names))
    ill = [name for name, is_done in zip(names, outcomes, strict=True) if not is_done]
    if ill:
        return Failed(message=f"{len(ill)} of {len(names)} accounts could not be reconciled: {', '.join(ill)}")
    return Completed(message=f"{len(names)} accounts were reconciled")


async def _settle_moves() -> None:
    """Ask what became of money that may have been moved; people hear of it once it is known."""
    known = [outcome for outcome in await settle_open() if outcome.state.is_final]
    for message in messages_of(_FLEET, known):
        await resources().notifier.send(message)


def _active_accounts() -> tuple[str, ...]:
    accounts = resources().fleet().accounts.values()
    return tuple(account.name for account in accounts if account.active and account.mode is not Mode.DRY_RUN)


async def _reconcile(name: str, turns: asyncio.Semaphore) -> bool:
    """Reconcile one account; what is wrong with it must not keep the others from being looked at."""
    async with turns:
        with about(account=name):
            return await _looked_at(name)


async def _looked_at(name: str) -> bool:
    try:
        return await _attempt(name)
    except Exception as error:  # noqa: BLE001 - told to a person, and the run fails in the end
        reason = f"{type(error).__name__}: {error}"
        get_run_logger().error("%s: %s", name, reason)
        advice = f"Nothing was concluded. Run `desk reconcile {name}` when the cause is mended."
        if not await was_told(name, error):
            await resources().notifier.send(Message(f"{name}: not reconciled", f"{reason}\n{advice}", "error"))
        return False


async def _attempt(name: str) -> bool:
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        done = await reconcile_account(name, run=str(flow_run.id))
        if done is not None:
            get_run_logger().info("%s: %s", name, "in order" if done.is_clean else "look at `desk reconcile`")
            return not (done.unread or done.failures)
    get_run_logger().info("%s: another run holds the account; the next one looks again", name)
    return True
