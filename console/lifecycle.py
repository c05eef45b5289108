"""Starts and stops accounts and gives them strategies: shows what follows in files and deployments, asks, does it."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import typer

from console.editing import (
    ChangeOrder,
    assignments,
    carry_out_order,
    facts_of,
    require_answer,
    show_proposal,
)
from console.failures import FAILED
from console.ledgers import configured_fleet
from console.services.changing import ChangeWanted
from console.services.deployments import DeploymentChange, Following, follow, plan_following
from console.services.lifecycle import to_load, to_reload, to_start, to_stop
from console.showing import print_json, print_line
from desk.adapters.configuration import read_fleet
from desk.adapters.editing.proposing import Proposal
from desk.adapters.settings import settings

_DONE = {"create": "made", "update": "updated", "remove": "removed", "keep": "in line"}


def start_account(account: str, order: ChangeOrder) -> int:
    """Let the schedule of an account run; return 1 where it was not agreed to.

    Raises:
        NotUnderstood: there is no such account, nobody to ask, or the configuration could not be used afterwards.
        ConfigError: it cannot be used now, or cannot be written.
    """
    return _change(account, to_start(configured_fleet(), account), order)


def stop_account(account: str, order: ChangeOrder) -> int:
    """Let the schedule of an account rest; see `start_account`."""
    return _change(account, to_stop(configured_fleet(), account), order)


def load_strategy(account: str, strategy: str, parameters: Sequence[str], order: ChangeOrder) -> int:
    """Give an account a strategy, with parameters such as `period=20`, in place of those that it has.

    Raises:
        NotUnderstood: there is no such account or strategy, nobody to ask, or the configuration could not be used
            afterwards.
        ConfigError: it cannot be used now, or cannot be written.
    """
    return _change(account, to_load(configured_fleet(), account, strategy, assignments(parameters)), order)


def reload_account(account: str, order: ChangeOrder) -> int:
    """Check the files as they are, and bring the deployments of an account in line with them.

    Raises:
        NotUnderstood: there is no such account, or nobody to ask.
        ConfigError: the files cannot be used; what was in force before stays so.
    """
    return _change(account, to_reload(read_fleet(settings().config), account), order)


def _change(account: str, wanted: ChangeWanted, order: ChangeOrder) -> int:
    require_answer(order)
    proposal = wanted.proposal(settings())
    planned = asyncio.run(plan_following(proposal.after, account))
    if not order.as_json:
        if wanted.values:
            show_proposal(proposal)
        else:
            print_line("the files stay as they are")
        _print(_told(planned))
    is_other = bool(proposal.changes or _differing(planned))
    if is_other and not order.yes and not typer.confirm("Do that?"):
        print_line("nothing was changed")
        return FAILED
    if proposal.changes:
        again = partial(wanted.proposal, settings()) if order.yes else None
        proposal = carry_out_order(proposal, again, order)
    done = asyncio.run(follow(proposal.after, account)) if is_other and not planned.problem else planned
    if order.as_json:
        print_json({**facts_of(proposal), "deployments": done.deployments, "problem": done.problem})
    else:
        _print(_ending(account, proposal, done))
    return 0


def _told(planned: Following) -> Iterator[str]:
    """What is to be done on the server, as `desk deploy --plan` has it."""
    for one in _differing(planned):
        yield f"{one.deployment}: {one.action}"
        yield from (f"    {difference}" for difference in one.differences)


def _ending(account: str, proposal: Proposal, done: Following) -> Iterator[str]:
    if proposal.changes:
        yield f"{', '.join(one.file for one in proposal.changes)}: written; the next scan goes by it."
    if done.problem:
        yield f"No deployment was brought in line: {done.problem}."
        yield "When a server runs, `desk deploy` does it."
        if not proposal.after.accounts[account].active:
            yield f"Until then a schedule of {account} goes on there; `desk halt account:{account}` works at once."
        return
    for one in done.deployments:
        yield f"{one.deployment}: {_DONE[one.action]}"


def _differing(planned: Following) -> list[DeploymentChange]:
    return [one for one in planned.deployments if one.action != "keep"]


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print_line(line)
