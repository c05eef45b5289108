"""Says what would bring the fleet's money to where it should be, and carries out what the desk may and can."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import typer

from console.failures import FAILED, NotUnderstood
from console.halting import os_user
from console.ledgers import ask
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.halting import printable
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings
from desk.model.moves import Move, MoveState
from desk.portfolio.actions import Action, Conversion, Plan, Reallocation

if TYPE_CHECKING:  # Prefect comes with it
    from blocks.carrying import Proposal
    from desk.steps.treasury import Outcome

T = TypeVar("T")
_BY_DESK = "by the desk: `desk portfolio carry-out`"
_Ways = Sequence[tuple[Action, Move | str]]


def show_plan(*, as_json: bool) -> int:
    """Print every action that is proposed, why, and what carries it out.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: the ledger cannot be read.
    """
    plan, ways = _with_resources(_plan)
    if as_json:
        print_json({"actions": [_facts(action) for action in plan.actions], "notes": plan.notes})
    else:
        _print(plan, ways)
    return 0


def run_carry_out(*, yes: bool, as_json: bool) -> int:
    """Show what the desk can carry out of the plan, have it confirmed, and carry it out.

    Returns:
        1 where something of it was not carried out, or an earlier move is still in doubt.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: the ledger cannot be read or written.
        NotUnderstood: there is nobody to confirm it.
    """
    if as_json and not yes:
        raise NotUnderstood("--json: expected --yes with it, for a program cannot be asked; nothing was moved")
    proposal = _with_resources(_propose)
    if not as_json:
        _print_proposal(proposal)
    outcomes: tuple[Outcome, ...] = ()
    if proposal.moves and (yes or _is_confirmed(proposal)):
        outcomes = _with_resources(lambda: _carry_out(proposal.moves))
    if as_json:
        print_json(_proposal_facts(proposal, outcomes))
    for outcome in () if as_json else outcomes:
        print_line(f"{outcome}")
    return 0 if _is_all_done(proposal, outcomes) else FAILED


def settle_move(move_id: str, became: str, *, why: str, who: str | None, as_json: bool) -> int:
    """Write down what a person has seen at the venue of a move that nobody could ask for.

    Raises:
        LedgerError: there is no such move, or it is known what became of it.
        NotUnderstood: `became` is neither `done` nor `refused`.
    """
    if became not in (MoveState.DONE, MoveState.REFUSED):
        raise NotUnderstood(f"expected done or refused, found '{became}'; nothing was changed")
    state, person = MoveState(became), printable(who or os_user())
    kept = ask(lambda ledger: ledger.decide_move(move_id, state, who=person, why=printable(why)))
    if as_json:
        print_json({"id": move_id, "what": str(kept.move), "state": kept.state, "detail": kept.detail})
    else:
        print_line(f"{kept.move}: {kept.state.value}, by the word of {person}")
    return 0


def confirmation(proposal: "Proposal") -> str:
    """Return what a person must type: how many moves there are, and where it is real money that it is."""
    count = f"{len(proposal.moves)} move{'' if len(proposal.moves) == 1 else 's'}"
    return f"{count} of real money" if proposal.is_real else count


def _is_confirmed(proposal: "Proposal") -> bool:
    expected = confirmation(proposal)
    asked = f"Type `{expected}` to carry that out; anything else moves nothing"
    answer: str = typer.prompt(asked, default="", show_default=False)
    if answer != expected:
        print_line(f"expected '{expected}', found another text; nothing was moved.")
    return answer == expected


def _is_all_done(proposal: "Proposal", outcomes: "Sequence[Outcome]") -> bool:
    done = [outcome for outcome in outcomes if outcome.state is MoveState.DONE]
    return len(done) == len(proposal.moves) and all(outcome.state.is_final for outcome in proposal.settled)


def _with_resources(work: Callable[[], Awaitable[T]]) -> T:
    chosen = settings()
    read_fleet(chosen.config)
    asyncio.run(upgrade(chosen.ledger_url))

    async def done() -> T:
        # Imported late: Prefect costs a second, and only the building of an account needs it.
        from blocks.resources import close_resources

        try:
            return await work()
        finally:
            await close_resources()

    return asyncio.run(done())


async def _plan() -> tuple[Plan, _Ways]:
    from blocks.carrying import ways_of
    from blocks.rebalancing import plan_portfolio

    plan = await plan_portfolio()
    return plan, await ways_of(plan)


async def _propose() -> "Proposal":
    from blocks.carrying import propose

    return await propose()


async def _carry_out(moves: Sequence[Move]) -> "tuple[Outcome, ...]":
    from blocks.carrying import carry_out_moves

    return await carry_out_moves(moves)


def _print(plan: Plan, ways: _Ways) -> None:
    for action, way in ways:
        print_line(f"{action}")
        print_line(f"  because {action.why}")
        print_line(f"  {way if isinstance(way, str) else _BY_DESK}")
    for note in plan.notes:
        print_line(note)
    if not plan.actions and not plan.notes:
        print_line("everything is where it should be")


def _print_proposal(proposal: "Proposal") -> None:
    for outcome in proposal.settled:
        print_line(f"from before: {outcome}")
    for move in proposal.moves:
        print_line(f"{move}")
    for action, why in proposal.left:
        print_line(f"{action}: {why}")
    for note in proposal.notes:
        print_line(note)
    if not proposal.moves:
        print_line("there is nothing that the desk can carry out")


def _proposal_facts(proposal: "Proposal", outcomes: "Sequence[Outcome]") -> dict[str, object]:
    return {
        "settled": [_outcome_facts(outcome) for outcome in proposal.settled],
        "moves": [_outcome_facts(outcome) for outcome in outcomes],
        "left": [{"what": str(action), "why": why} for action, why in proposal.left],
        "notes": proposal.notes,
    }


def _outcome_facts(outcome: "Outcome") -> dict[str, object]:
    move = outcome.move
    told = {"id": move.move_id, "what": str(move), "source": move.source, "target": move.target}
    amounts = {"amount": move.amount, "currency": move.currency, "into": move.into}
    return {**told, **amounts, "state": outcome.state, "detail": outcome.detail}


def _facts(action: Action) -> dict[str, object]:
    found: dict[str, object] = {"kind": type(action).__name__.lower(), "what": str(action), "why": action.why}
    if isinstance(action, Reallocation):
        return {**found, "account": action.account, "before": action.before, "after": action.after}
    if isinstance(action, Conversion):
        told = {"account": action.account, "currency": action.currency, "instrument": action.instrument}
        return {**found, **told, "quantity": action.quantity}
    told = {"source": action.source, "target": action.target, "currency": action.currency}
    return {**found, **told, "amount": action.amount}
