"""Changes the operator's files: shows what would become of them and of deployments, asks, does it, and keeps who."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import typer

from console.failures import FAILED, NotUnderstood
from console.halting import os_user
from console.ledgers import ask
from console.services.changing import other_deployments, record_change, told
from console.services.configuration import BackupWanted, list_backups, since_backups
from console.services.deployments import DeploymentChange, Following, follow, plan_following
from console.showing import print_json, print_line, print_rows
from console.times import format_instant
from desk.accounts.editing.editing import Edit, Put, Remove
from desk.accounts.files import place_of
from desk.adapters.clocks import SystemClock
from desk.adapters.editing.carrying import carry_out
from desk.adapters.editing.proposing import FileChange, Proposal, propose
from desk.adapters.halting import printable
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import settings

_DONE = {"create": "made", "update": "updated", "remove": "removed", "keep": "in line"}


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """How a change is ordered.

    Attributes:
        why, who: as they are written into the audit; without `who` it is the user of the operating system.
        yes: whether nobody is asked.
        as_json: whether a program reads what is printed; nobody can be asked then.
    """

    why: str = ""
    who: str | None = None
    yes: bool = False
    as_json: bool = False


def set_values(pairs: Sequence[tuple[str, str]], also: Sequence[str], order: ChangeOrder) -> int:
    """Write values, each given with its path, or as `PATH=VALUE`; return 1 where it was not agreed to.

    Raises:
        ConfigError: a path is none, the configuration could not be used afterwards, or it cannot be written.
        NotUnderstood: there is nobody to ask.
    """
    edits: list[tuple[str, Edit]] = []
    for path, value in (*pairs, *assignments(also).items()):
        file, key = place_of(path)
        edits.append((file, Put(key, value)))
    return change_files(partial(propose, settings().config, edits), order)


def unset_value(path: str, order: ChangeOrder) -> int:
    """Remove a value with its key; see `set_values`."""
    file, key = place_of(path)
    return change_files(partial(propose, settings().config, [(file, Remove(key))]), order)


def restore(name: str, order: ChangeOrder) -> int:
    """Bring a file back to what a backup has; see `set_values`."""
    return change_files(partial(BackupWanted(name).proposal, settings()), order)


def show_backups(file: str | None, *, as_json: bool) -> int:
    """Print the backups, oldest first.

    Raises:
        NotUnderstood: the file is none of the configuration.
    """
    found = list_backups(settings(), file)
    rows = [
        {"file": one.file, "until": one.until if as_json else format_instant(one.until), "backup": one.backup}
        for one in found
    ]
    print_rows(rows, as_json=as_json, empty="nothing was changed yet")
    return 0


def show_difference(name: str | None, *, as_json: bool) -> int:
    """Print what has changed since a backup, or since the newest one of each file."""
    found = since_backups(settings(), name)
    if as_json:
        print_json([{"backup": one.backup, "difference": one.difference} for one in found])
    else:
        print_line("\n".join(one.difference for one in found if one.difference) or "nothing was changed since")
    return 0


def _nothing(_proposal: Proposal) -> Iterator[str]:
    yield from ()


def change_files(
    proposing: Callable[[], Proposal],
    order: ChangeOrder,
    *,
    deployments: Sequence[str] | None = None,
    left: Callable[[Proposal], Iterable[str]] = _nothing,
) -> int:
    """Show what is proposed and what follows at the Prefect server, ask, and do both; see `set_values`.

    Args:
        proposing: finds what would become of the files.
        order: of whom.
        deployments: those brought in line whatever is written; without, those that run otherwise then.
        left: says what goes on where no server could be told.
    """
    _require_answer(order)
    proposal = proposing()
    names = other_deployments(proposal) if deployments is None else deployments
    planned = asyncio.run(plan_following(proposal.after, names))
    if not order.as_json:
        _show(proposal, planned)
    is_other = bool(proposal.changes or _differing(planned))
    if is_other and not order.yes and not typer.confirm("Do that?"):
        print_line("nothing was changed")
        return FAILED
    if proposal.changes:
        proposal = _carry_out(proposal, proposing if order.yes else None, order)
    done = asyncio.run(follow(proposal.after, names)) if is_other and not planned.problem else planned
    if order.as_json:
        print_json({**_facts_of(proposal), "deployments": done.deployments, "problem": done.problem})
    else:
        _print(_ending(proposal, done, left))
    return 0


def _require_answer(order: ChangeOrder) -> None:
    """Let an order pass that somebody can be asked about, or need not be.

    Raises:
        NotUnderstood: a program reads what is printed, and nobody can be asked.
    """
    if order.as_json and not order.yes:
        raise NotUnderstood("--json: expected --yes with it, for a program cannot be asked; nothing was changed")


def _carry_out(proposal: Proposal, otherwise: Callable[[], Proposal] | None, order: ChangeOrder) -> Proposal:
    """Write what is proposed, and who ordered it into the audit; see `carry_out`."""
    asyncio.run(upgrade(settings().ledger_url))
    record, now = partial(_record, order), SystemClock().now()
    return carry_out(settings().config, proposal, record=record, at=now, otherwise=otherwise)


def _record(order: ChangeOrder, change: FileChange) -> None:
    who, why = printable(order.who or os_user()), printable(order.why)

    ask(lambda ledger: record_change(ledger, change, who=who, why=why))


def assignments(texts: Sequence[str]) -> Mapping[str, str]:
    """Return values by path.

    Raises:
        NotUnderstood: one has no equals sign.
    """
    found = {}
    for text in texts:
        path, sign, value = text.partition("=")
        if not sign or not path:
            raise NotUnderstood(f"expected KEY=VALUE, such as timeframe=H1, found '{text}'")
        found[path] = value
    return found


def _show(proposal: Proposal, planned: Following) -> None:
    """Print what would become of the files, for whom, and what is to be done on the server."""
    for change in proposal.changes:
        print_line(change.difference)
    if not proposal.changes:
        print_line("the files stay as they are" if _differing(planned) else "it is so already")
        _print(_to_do(planned))
        return
    known = proposal.before.accounts if proposal.before else proposal.after.accounts
    if others := [name for name in proposal.affected if name in known]:
        print_line(f"Decide by something else then: {', '.join(others)}.")
    if live := told(proposal).to_arm:
        print_line(f"Open nothing before they are armed again: {', '.join(live)}.")
    for warning in proposal.after.warnings:
        print_line(f"warning: {warning}")
    _print(_to_do(planned))


def _to_do(planned: Following) -> Iterator[str]:
    for one in _differing(planned):
        yield f"{one.deployment}: {one.action}"
        yield from (f"    {difference}" for difference in one.differences)


def _differing(planned: Following) -> list[DeploymentChange]:
    return [one for one in planned.deployments if one.action != "keep"]


def _ending(proposal: Proposal, done: Following, left: Callable[[Proposal], Iterable[str]]) -> Iterator[str]:
    if proposal.changes:
        yield f"{', '.join(one.file for one in proposal.changes)}: written; the next scan goes by it."
    if done.problem:
        yield f"No deployment was brought in line: {done.problem}."
        yield "When a server runs, `desk deploy` does it."
        yield from left(proposal)
        return
    for one in done.deployments:
        yield f"{one.deployment}: {_DONE[one.action]}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print_line(line)


def _facts_of(proposal: Proposal) -> dict[str, object]:
    """What is proposed, for programs."""
    return {name: value for name, value in asdict(told(proposal)).items() if name != "digest"}
