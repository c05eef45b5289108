"""Plans once a day how the fleet's money should be shared out, and tells people.

Nothing is moved, unless portfolio.yaml says `in_the_flow` beside `carry_out`.
"""

from typing import Any

from prefect import State, flow
from prefect.states import Completed

from blocks.carrying import carry_out_moves, may_carry_out_alone, propose
from blocks.rebalancing import plan_portfolio
from blocks.resources import resources
from desk.adapters.settings import settings
from desk.model.messages import MessageKind
from desk.model.moves import MoveState
from desk.portfolio.actions import Plan
from desk.ports import Message
from desk.steps.treasury import messages_of

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
    """Compare what accounts have with portfolio.yaml, tell people what would bring it back, and do it where it says."""
    if may_carry_out_alone():
        return await _carry_out()
    plan = await plan_portfolio()
    if plan.actions or plan.notes:
        await resources().notifier.send(_message(plan))
    return Completed(message=f"{len(plan.actions)} actions are proposed, {len(plan.notes)} cannot be")


async def _carry_out() -> State[Any]:
    proposal = await propose()
    outcomes = (*proposal.settled, *await carry_out_moves(proposal.moves))
    for message in messages_of(_WHOSE, outcomes):
        await resources().notifier.send(message)
    if proposal.left or proposal.notes:
        left = Plan(tuple(action for action, _ in proposal.left), proposal.notes)
        await resources().notifier.send(_message(left))
    done = [outcome for outcome in outcomes if outcome.state is MoveState.DONE]
    return Completed(message=f"{len(done)} moves were carried out, {len(proposal.left)} actions are left to people")


def _message(plan: Plan) -> Message:
    lines = (*(f"{action}: {action.why}" for action in plan.actions), *plan.notes)
    advice = "`desk portfolio` says what carries each out; nothing of it was done."
    body = "\n".join((*lines, advice))
    return Message(f"{_WHOSE}: the money is not where it should be", body, "warning", MessageKind.MONEY)
