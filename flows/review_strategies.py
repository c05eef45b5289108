"""Judges the strategies of the fleet once a day, and puts those that have decayed into quarantine."""

from collections.abc import Sequence
from typing import Any

from prefect import State, flow
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from blocks.resources import resources
from blocks.reviewing import monitored_accounts, review_by_name
from desk.adapters.settings import settings
from desk.ports import Message
from desk.steps.monitor import Reviewed

TIMEOUT_SECONDS = 280


@flow(
    name="review-strategies",
    flow_run_name="review-strategies",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=settings().results.resolve(),
)
async def review_strategies() -> State[Any]:
    """Compare the last trades of each strategy with those before them, in every account whose policy has a monitor."""
    names = monitored_accounts()
    outcomes = {name: await _review(name) for name in names}
    ill = [name for name, reviewed in outcomes.items() if reviewed is None or any(one.untold for one in reviewed)]
    if ill:
        return Failed(message=f"{len(ill)} of {len(names)} accounts need to be looked at: {', '.join(ill)}")
    found = [one for reviewed in outcomes.values() for one in reviewed or () if one.is_new]
    told = f", new in quarantine: {', '.join(f'{one.strategy} of {one.account}' for one in found)}" if found else ""
    return Completed(message=f"{len(names)} accounts were reviewed{told}")


async def _review(name: str) -> Sequence[Reviewed] | None:
    """Review one account; what is wrong with it must not keep the others from being looked at."""
    log = get_run_logger()
    try:
        reviewed = await review_by_name(name)
    except Exception as error:  # noqa: BLE001 - told to a person, and the run fails in the end
        reason = f"{type(error).__name__}: {error}"
        log.error("%s: %s", name, reason)
        advice = f"No strategy of it was judged. Run `desk review {name}` when the cause is mended."
        await _tell(Message(f"{name}: not reviewed", f"{reason}\n{advice}", "error"))
        return None
    for one in reviewed:
        verdict = "in quarantine" if one.is_new else "decayed" if one.judgement.has_decayed else "in order"
        log.info(
            "%s: %s: %s (%s)%s", name, one.strategy, verdict, one.judgement, f"; {one.untold}" if one.untold else ""
        )
    return reviewed


async def _tell(message: Message) -> None:
    try:
        await resources().notifier.send(message)
    except Exception as error:  # noqa: BLE001 - the run fails in the end, and the other accounts are still to be reviewed
        get_run_logger().error("%s; nobody was told: %s: %s", message.title, type(error).__name__, error)
