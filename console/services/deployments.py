"""The Prefect deployments of the fleet: what would change on the server, and changing it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import JSONDecodeError
from typing import TYPE_CHECKING

from httpx import HTTPError
from pydantic import ValidationError

from console.failures import PrefectNotReached
from deployments.plan import FLOW, POOL, WATCH, PlannedDeployment, plan_fleet
from desk.accounts import Fleet

if TYPE_CHECKING:  # Prefect comes with it
    from prefect.client.orchestration import PrefectClient

    from deployments.apply import Change

_PATIENCE = 20.0
"""Seconds for the deployments of a change: a person waits, and others for that change of the configuration."""
_ADVICE = "start one with `desk up`, or set PREFECT_API_URL to the server that runs"


@dataclass(frozen=True, slots=True)
class DeploymentChange:
    """A deployment and what is done to it; `action` is create, update, remove or keep."""

    deployment: str
    action: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Following:
    """What follows for the deployments of an account; `problem` says why it cannot, empty where it does."""

    deployments: tuple[DeploymentChange, ...] = ()
    problem: str = ""


def deployments_of(account: str) -> tuple[str, ...]:
    """Return the names of what runs for an account, as Prefect writes them."""
    return f"{FLOW}/{account}", f"{WATCH}/{account}"


async def plan_following(fleet: Fleet, names: Sequence[str], *, patience: float = _PATIENCE) -> Following:
    """Return what bringing deployments in line would change; nothing is."""
    return await _following(fleet, names, patience, plan_only=True)


async def follow(fleet: Fleet, names: Sequence[str], *, patience: float = _PATIENCE) -> Following:
    """Bring deployments in line with the configuration: paused, resumed, updated, made, removed.

    Args:
        fleet: as it is configured now.
        names: of those that may be touched, as Prefect writes them; for none no server is asked.
        patience: seconds after which a server that does not answer is told as a problem.
    """
    return await _following(fleet, names, patience, plan_only=False)


async def bring_in_line(
    planned: Sequence[PlannedDeployment], *, names: Sequence[str] | None = None, pool: str = POOL, plan_only: bool
) -> "list[Change]":
    """Make the server that Prefect's settings name have what is planned, or return what that would change.

    Args:
        planned: every deployment that there should be.
        names: those that may be touched, as Prefect writes them; all without.
        pool: of the scans.
        plan_only: whether nothing is changed.

    Raises:
        PrefectNotReached: no server answers, it refuses us, or what answers is none.
    """
    from deployments.apply import apply, compare

    async with _client() as client:
        return await (compare if plan_only else apply)(client, planned, pool=pool, names=names)


@asynccontextmanager
async def prefect_client(patience: float) -> "AsyncIterator[PrefectClient]":
    """Give a client of the server that Prefect's settings name, for so many seconds.

    Raises:
        PrefectNotReached: no server answers in time, it refuses us, or what answers is none.
    """
    try:
        async with asyncio.timeout(patience), _client() as client:
            yield client
    except TimeoutError as error:
        raise PrefectNotReached(_too_slow(patience)) from error


@asynccontextmanager
async def _client() -> "AsyncIterator[PrefectClient]":
    from prefect.client.orchestration import get_client

    url = _server()
    try:
        async with get_client() as client:
            yield client
    except HTTPError as error:
        raise PrefectNotReached(f"{url}: expected a Prefect server, found {_cause(error)}; {_ADVICE}") from error
    except (JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
        # Without what was answered: nobody knows what stands in it.
        found = f"a reply that none gives ({_kind(error)})"
        raise PrefectNotReached(f"{url}: expected a Prefect server, found {found}; {_ADVICE}") from error


async def _following(fleet: Fleet, names: Sequence[str], patience: float, *, plan_only: bool) -> Following:
    if not names:
        return Following()
    try:
        async with asyncio.timeout(patience):
            changes = await bring_in_line(plan_fleet(fleet), names=names, plan_only=plan_only)
    except TimeoutError:
        return Following(problem=_too_slow(patience))
    except PrefectNotReached as error:
        return Following(problem=str(error))
    return Following(tuple(DeploymentChange(one.name, str(one.action), one.differences) for one in changes))


def _server() -> str:
    """The address in the settings; without one, Prefect would start a server that ends with this command."""
    from prefect.settings import get_current_settings

    url = get_current_settings().api.url
    if url is None:
        raise PrefectNotReached(
            f"expected the address of a Prefect server in PREFECT_API_URL or prefect.toml, found none; {_ADVICE}"
        )
    return url


def _too_slow(patience: float) -> str:
    return f"{_server()}: expected an answer of the Prefect server within {patience:g} s"


def _cause(error: HTTPError) -> str:
    words = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}{f' ({words})' if words else ''}"


def _kind(error: ValueError) -> str:
    return f"not a {error.title}" if isinstance(error, ValidationError) else "not JSON"
