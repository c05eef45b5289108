"""The life of an account: added, started, stopped, given another strategy, removed; its deployments follow."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from console.failures import NotUnderstood
from console.naming import account_of, unknown
from console.services.changing import (
    ChangedFile,
    ChangeWanted,
    ProposedChange,
    Wanted,
    require_as_shown,
    told,
    write,
)
from console.services.deployments import DeploymentChange, Following, deployments_of, follow, plan_following
from console.services.in_force import find_in_force
from console.services.membership import AccountCloned, AccountRemoved, require_removable
from desk.accounts import Fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings
from desk.ports import Clock
from desk.registry import strategies

_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class LifeOrder:
    """Who orders something of an account's life, and why, as it is written into the audit."""

    account: str
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class LifeChanged:
    """What was changed.

    Attributes:
        changed: files with their differences, none where it was so already.
        affected, to_arm, warnings: see `ProposedChange`.
        deployments: of the account, and what was done to each.
        problem: why the deployments could not follow; `desk deploy` brings them in line later.
        digest: of the differences; who agrees to what was planned says it again.
    """

    account: str
    changed: tuple[ChangedFile, ...]
    affected: tuple[str, ...]
    to_arm: tuple[str, ...]
    warnings: tuple[str, ...]
    deployments: tuple[DeploymentChange, ...]
    problem: str
    digest: str = ""


def to_start(fleet: Fleet, account: str) -> ChangeWanted:
    """Return what makes the schedule of an account run.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    return _active(fleet, account, wanted=True)


def to_stop(fleet: Fleet, account: str) -> ChangeWanted:
    """Return what makes the schedule of an account rest; see `to_start`."""
    return _active(fleet, account, wanted=False)


def to_reload(fleet: Fleet, account: str) -> ChangeWanted:
    """Return what leaves the files as they are, so that deployments follow what they say; see `to_start`."""
    account_of(fleet, account)
    return ChangeWanted({})


def to_remove(fleet: Fleet, account: str) -> AccountRemoved:
    """Return what removes an account; see `to_start`."""
    return AccountRemoved(account_of(fleet, account).name)


def to_clone(fleet: Fleet, account: str, name: str, keys: Mapping[str, str]) -> AccountCloned:
    """Return what makes an account like another one, with other values for some keys; see `to_start`."""
    return AccountCloned(account_of(fleet, account).name, name, keys)


def to_load(fleet: Fleet, account: str, strategy: str, parameters: Mapping[str, str]) -> ChangeWanted:
    """Return what gives an account a strategy in place of those that it has.

    Args:
        fleet: of which the account is.
        account, strategy: by name.
        parameters: where they are not the strategy's defaults, as a person types them.

    Raises:
        NotUnderstood: there is no such account or strategy, or a parameter has no name; the message gives the nearest.
    """
    name, known, present = account_of(fleet, account).name, strategies().discover(), strategies().present_name(strategy)
    if present not in known:
        raise unknown("a strategy", strategy, known)
    if wrong := [key for key in parameters if not _PARAMETER.fullmatch(key)]:
        raise NotUnderstood(f"expected the name of a parameter, such as channel_period, found '{wrong[0]}'")
    place = f"accounts.{name}.strategies"
    given = {f"{place}[0].parameters.{key}": value for key, value in parameters.items()}
    return ChangeWanted({place: f"[{{name: {present}}}]", **given})


async def plan_life(ledger: Ledger, chosen: Settings, account: str, wanted: Callable[[Fleet], Wanted]) -> LifeChanged:
    """Return what `change_life` would come to; nothing is written, and no deployment is touched.

    Raises:
        NotUnderstood: see `change_life`.
        ConfigError: see `change_life`.
    """
    proposal = await asyncio.to_thread((await _allowed(ledger, chosen, wanted)).proposal, chosen)
    return _life(account, told(proposal), await plan_following(proposal.after, deployments_of(account)))


async def change_life(
    ledger: Ledger,
    chosen: Settings,
    order: LifeOrder,
    wanted: Callable[[Fleet], Wanted],
    clock: Clock,
    *,
    agreed: str = "",
) -> LifeChanged:
    """Write what is wanted of an account, and let its deployments follow.

    Args:
        ledger: for the audit, and for what an account holds that is to be removed.
        chosen: where the configuration is.
        order: of whom.
        wanted: finds what is to be written for the fleet as it is.
        clock: of the machine.
        agreed: the digest of what was planned; empty for whatever it comes to.

    Raises:
        NotUnderstood: see `wanted`; or the configuration could not be used afterwards, or it would come to something
            else than what was agreed to.
        ConfigError: it cannot be written; or an account that is to be removed holds something or is armed.
    """
    proposal = await asyncio.to_thread((await _allowed(ledger, chosen, wanted)).proposal, chosen)
    shown = told(proposal)
    if agreed:
        require_as_shown(shown, agreed)
    if shown.changed:
        await write(ledger, chosen, proposal, who=order.who, why=order.why, at=clock.now())
    # Not read again: a file that somebody breaks meanwhile must not make this look as if it had not been written.
    return _life(order.account, shown, await follow(proposal.after, deployments_of(order.account)))


async def _allowed(ledger: Ledger, chosen: Settings, wanted: Callable[[Fleet], Wanted]) -> Wanted:
    """What is wanted of the fleet as it is, where that may be done."""
    values = wanted((await asyncio.to_thread(find_in_force, chosen)).fleet)
    if isinstance(values, AccountRemoved):
        await require_removable(ledger, values.account)
    return values


def _life(account: str, shown: ProposedChange, following: Following) -> LifeChanged:
    return LifeChanged(
        account,
        shown.changed,
        shown.affected,
        shown.to_arm,
        shown.warnings,
        following.deployments,
        following.problem,
        shown.digest,
    )


def _active(fleet: Fleet, account: str, *, wanted: bool) -> ChangeWanted:
    spec = account_of(fleet, account)
    if spec.active is wanted:
        return ChangeWanted({})
    return ChangeWanted({f"accounts.{spec.name}.active": str(wanted).lower()})
