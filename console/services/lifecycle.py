"""The life of an account: started, stopped, given another strategy; its deployments follow."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from console.failures import NotUnderstood
from console.naming import account_of, unknown
from console.services.changing import ChangedFile, ChangeWanted, change, proposed_change
from console.services.deployments import DeploymentChange, follow
from console.services.in_force import find_in_force
from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
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
    """

    account: str
    changed: tuple[ChangedFile, ...]
    affected: tuple[str, ...]
    to_arm: tuple[str, ...]
    warnings: tuple[str, ...]
    deployments: tuple[DeploymentChange, ...]
    problem: str


def to_start(fleet: Fleet, account: str) -> ChangeWanted:
    """Return what makes the schedule of an account run.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    return _active(fleet, account, wanted=True)


def to_stop(fleet: Fleet, account: str) -> ChangeWanted:
    """Return what makes the schedule of an account rest; see `to_start`."""
    return _active(fleet, account, wanted=False)


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


async def change_life(
    ledger: Ledger, chosen: Settings, order: LifeOrder, wanted: Callable[[Fleet], ChangeWanted], clock: Clock
) -> LifeChanged:
    """Write what is wanted of an account, and let its deployments follow.

    Args:
        ledger: for the audit.
        chosen: where the configuration is.
        order: of whom.
        wanted: finds what is to be written for the fleet as it is.
        clock: of the machine.

    Raises:
        NotUnderstood: see `wanted`; or the configuration could not be used afterwards.
        ConfigError: it cannot be written.
    """
    fleet = (await asyncio.to_thread(find_in_force, chosen)).fleet
    values = wanted(fleet)
    shown = await proposed_change(chosen, values)
    if shown.changed:
        agreed = {"agreed": shown.digest, "who": order.who, "why": order.why}
        shown = await change(ledger, chosen, values, **agreed, at=clock.now())
    followed = await follow(await asyncio.to_thread(read_fleet, chosen.config), order.account)
    return LifeChanged(
        order.account,
        shown.changed,
        shown.affected,
        shown.to_arm,
        shown.warnings,
        followed.deployments,
        followed.problem,
    )


def _active(fleet: Fleet, account: str, *, wanted: bool) -> ChangeWanted:
    spec = account_of(fleet, account)
    if spec.active is wanted:
        return ChangeWanted({})
    return ChangeWanted({f"accounts.{spec.name}.active": str(wanted).lower()})
