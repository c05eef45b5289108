"""The Prefect deployments of the fleet: what would change on the server, and changing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from httpx import HTTPError

from console.failures import PrefectNotReached
from deployments.plan import FLOW, POOL, WATCH, PlannedDeployment, plan_fleet
from desk.accounts import Fleet

if TYPE_CHECKING:  # Prefect comes with it
    from deployments.apply import Change

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


async def plan_following(fleet: Fleet, account: str) -> Following:
    """Return what bringing the deployments of an account in line would change; nothing is."""
    return await _following(fleet, account, plan_only=True)


async def follow(fleet: Fleet, account: str) -> Following:
    """Bring the deployments of an account in line with the configuration: paused, resumed, updated, made, removed."""
    return await _following(fleet, account, plan_only=False)


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
        PrefectNotReached: no server answers, or it refuses us.
    """
    from prefect.client.orchestration import get_client

    from deployments.apply import apply, compare

    url = _server()
    try:
        async with get_client() as client:
            return await (compare if plan_only else apply)(client, planned, pool=pool, names=names)
    except HTTPError as error:
        raise PrefectNotReached(f"{url}: expected a Prefect server, found {_cause(error)}; {_ADVICE}") from error


async def _following(fleet: Fleet, account: str, *, plan_only: bool) -> Following:
    names = (f"{FLOW}/{account}", f"{WATCH}/{account}")
    try:
        changes = await bring_in_line(plan_fleet(fleet), names=names, plan_only=plan_only)
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


def _cause(error: HTTPError) -> str:
    words = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}{f' ({words})' if words else ''}"
