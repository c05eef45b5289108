"""Changes of the configuration: what one would come to, and carrying it out as it was shown."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from console.failures import NotUnderstood
from console.services.deployments import DeploymentChange, follow
from deployments.plan import PlannedDeployment, plan_fleet
from desk.accounts import Fleet
from desk.accounts.editing.editing import Edit, Put, Remove
from desk.accounts.files import place_of
from desk.adapters.editing.carrying import carry_out
from desk.adapters.editing.proposing import FileChange, Proposal, propose
from desk.adapters.halting import printable
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings
from desk.errors import ConfigError
from desk.model.cycle import Mode

ACTION = "configured"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file and the lines of it that differ, as `diff -u` prints them."""

    file: str
    difference: str


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """What a change of the configuration would come to.

    Attributes:
        affected: accounts that decide by something else then.
        to_arm: live ones among them, which open nothing before they are armed again.
        to_deploy: whether when something runs changes, so that deployments follow when it is written.
        digest: of the differences; who agrees to a change says it again.
        deployments: what became of them; empty before it is written.
        problem: why they could not follow; `desk deploy` brings them in line later.
    """

    changed: tuple[ChangedFile, ...]
    affected: tuple[str, ...]
    to_arm: tuple[str, ...]
    to_deploy: bool
    warnings: tuple[str, ...]
    digest: str
    deployments: tuple[DeploymentChange, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ChangeWanted:
    """What is to be written and removed, by paths such as `accounts.oanda-swing.timeframe`.

    Attributes:
        values: each as a person types it.
        removed: what falls back to its default.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    def proposal(self, chosen: Settings) -> Proposal:
        """Return what they would come to; takes time, so not on an event loop.

        Raises:
            NotUnderstood: a path is none, or the configuration could not be used afterwards.
        """
        try:
            return propose(chosen.config, self._edits())
        except ConfigError as error:
            raise NotUnderstood(str(error)) from None

    def _edits(self) -> list[tuple[str, Edit]]:
        edits: list[tuple[str, Edit]] = []
        for path, value in self.values.items():
            file, key = place_of(path)
            edits.append((file, Put(key, value)))
        for path in self.removed:
            file, key = place_of(path)
            edits.append((file, Remove(key)))
        return edits


class Wanted(Protocol):
    """What a person wants of the configuration."""

    def proposal(self, chosen: Settings) -> Proposal:
        """Return what it would come to."""
        ...


async def proposed_change(chosen: Settings, wanted: Wanted) -> ProposedChange:
    """Return what values would come to; nothing is written.

    Raises:
        NotUnderstood: see `ChangeWanted.proposal`.
    """
    return told(await asyncio.to_thread(wanted.proposal, chosen))


async def change(
    ledger: Ledger, chosen: Settings, wanted: Wanted, *, agreed: str, who: str, why: str, at: datetime
) -> ProposedChange:
    """Write values as they were shown, each with a row of the audit, and let the deployments follow.

    Args:
        agreed: the digest of what was shown.
        who, why: as they are written into the audit.

    Raises:
        ConfigError: a file was changed by somebody else meanwhile, or cannot be written.
        NotUnderstood: see `ChangeWanted.proposal`; or it would come to something else than what was shown.
    """
    proposal = await asyncio.to_thread(wanted.proposal, chosen)
    shown = told(proposal)
    require_as_shown(shown, agreed)
    await write(ledger, chosen, proposal, who=who, why=why, at=at)
    following = await follow(proposal.after, other_deployments(proposal))
    return replace(shown, deployments=following.deployments, problem=following.problem)


def require_as_shown(found: ProposedChange, agreed: str) -> None:
    """Let pass what somebody agreed to by its digest.

    Raises:
        NotUnderstood: it would come to something else.
    """
    if found.digest != agreed:
        raise NotUnderstood("expected the change as it was shown, found another, because the files have changed; look")


async def write(ledger: Ledger, chosen: Settings, proposal: Proposal, *, who: str, why: str, at: datetime) -> None:
    """Write what is proposed; for errors see `change`."""
    loop = asyncio.get_running_loop()

    def record(changed: FileChange) -> None:
        writing = record_change(ledger, changed, who=printable(who), why=printable(why))
        asyncio.run_coroutine_threadsafe(writing, loop).result()

    await asyncio.to_thread(partial(carry_out, chosen.config, proposal, record=record, at=at))


async def record_change(ledger: Ledger, changed: FileChange, *, who: str, why: str) -> None:
    """Write down who changes which values of a file, a row each."""
    for one in changed.told:
        detail = {"file": changed.file, "before": one.before, "after": one.after, "why": why}
        await ledger.record_action(who, ACTION, one.subject, detail)


def told(proposal: Proposal) -> ProposedChange:
    """Return what is proposed, for people and programs."""
    changed = tuple(ChangedFile(one.file, one.difference) for one in proposal.changes)
    return ProposedChange(
        changed,
        proposal.affected,
        tuple(name for name in proposal.affected if proposal.after.accounts[name].mode is Mode.LIVE),
        bool(other_deployments(proposal)),
        proposal.after.warnings,
        hashlib.sha256("\n".join(f"{one.file}\n{one.difference}" for one in changed).encode()).hexdigest(),
    )


def other_deployments(proposal: Proposal) -> tuple[str, ...]:
    """Return the names of the deployments that run otherwise then, as Prefect writes them."""
    before, after = (_deployments(fleet) for fleet in (proposal.before, proposal.after))
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def _deployments(fleet: Fleet | None) -> Mapping[str, PlannedDeployment]:
    """What runs when; the version of what a run decides by is found by the run itself."""
    return {one.full_name: replace(one, version="") for one in (plan_fleet(fleet) if fleet else ())}
