"""Makes the Prefect deployments equal to the configuration, or says what that would change."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from httpx import HTTPError
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from console.failures import PrefectNotReached
from console.showing import print_json, print_line
from deployments.apply import Action, Change, apply, compare, describe
from deployments.plan import PlannedDeployment, plan_fleet
from desk.accounts import load_fleet
from desk.adapters.settings import settings

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.REMOVE: "removed", Action.KEEP: "unchanged"}
_PLANNED = {Action.CREATE: "to create", Action.UPDATE: "to update", Action.REMOVE: "to remove", Action.KEEP: "to keep"}


def run_deploy(*, plan_only: bool, pool: str, as_json: bool) -> int:
    """Change the deployments on the server that Prefect's settings name, and print what was done.

    Raises:
        ConfigError: the configuration cannot be used; nothing was changed.
        PrefectNotReached: no server answers, or it refuses us.
    """
    planned = plan_fleet(load_fleet(settings().config))
    url = _server()
    try:
        changes = asyncio.run(_deploy(planned, pool=pool, plan_only=plan_only))
    except HTTPError as error:
        raise PrefectNotReached(f"{url}: expected a Prefect server, found {_cause(error)}; {_ADVICE}") from error
    if as_json:
        print_json([_facts(change) for change in changes])
    else:
        print_line(describe(changes))
        print_line(_in_total(changes, plan_only=plan_only))
    return 0


_ADVICE = "start one with `desk up`, or set PREFECT_API_URL to the server that runs"


def _server() -> str:
    """The address in the settings; without one, Prefect would start a server that ends with this command."""
    url = get_current_settings().api.url
    if url is None:
        raise PrefectNotReached(
            f"expected the address of a Prefect server in PREFECT_API_URL or prefect.toml, found none; {_ADVICE}"
        )
    return url


async def _deploy(planned: Sequence[PlannedDeployment], *, pool: str, plan_only: bool) -> list[Change]:
    async with get_client() as client:
        if plan_only:
            return await compare(client, planned, pool=pool)
        return await apply(client, planned, pool=pool)


def _cause(error: HTTPError) -> str:
    words = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}{f' ({words})' if words else ''}"


def _facts(change: Change) -> dict[str, object]:
    return {"deployment": change.name, "action": change.action, "differences": change.differences}


def _in_total(changes: Sequence[Change], *, plan_only: bool) -> str:
    counted, words = Counter(change.action for change in changes), _PLANNED if plan_only else _DONE
    told = [f"{counted[action]} {words[action]}" for action in Action if counted[action]]
    return f"{', '.join(told) or 'no deployments'}."
