"""Plans once a day how the fleet's money should be shared out, and tells people; nothing is moved."""

from typing import Any

from prefect import State, flow
from prefect.states import Completed

from blocks.rebalancing import plan_portfolio
from blocks.resources import resources
from desk.adapters.settings import settings
from desk.portfolio.actions import Plan
from desk.ports import Message

TIMEOUT_SECONDS = 280
_WHOSE = "fleet"


@flow(
    name="rebalance",
    flow_run_name="rebalance",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=settings().results.resolve(),
)
async def rebalance() -> State[Any]:
    """Compare what accounts have with portfolio.yaml, and tell people what would bring it back."""
    plan = await plan_portfolio()
    if plan.actions or plan.notes:
        await resources().notifier.send(_message(plan))
    return Completed(message=f"{len(plan.actions)} actions are proposed, {len(plan.notes)} cannot be")


def _message(plan: Plan) -> Message:
    lines = (*(f"{action}: {action.why}" for action in plan.actions), *plan.notes)
    advice = "`desk portfolio` says what carries each out; nothing was moved."
    return Message(f"{_WHOSE}: the money is not where it should be", "\n".join((*lines, advice)), "warning")
