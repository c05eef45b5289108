"""Makes the Prefect deployments equal to the configuration, or says what that would change."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from console.services.deployments import bring_in_line
from console.showing import print_json, print_line
from deployments.apply import Action, Change, describe
from deployments.plan import plan_fleet
from desk.accounts import load_fleet
from desk.adapters.settings import settings

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.REMOVE: "removed"}
_PLANNED = {Action.CREATE: "to create", Action.UPDATE: "to update", Action.REMOVE: "to remove"}


def run_deploy(*, plan_only: bool, pool: str, as_json: bool) -> int:
    """Change the deployments on the server that Prefect's settings name, and print what was done.

    Raises:
        ConfigError: the configuration cannot be used; nothing was changed.
        PrefectNotReached: no server answers, or it refuses us.
    """
    planned = plan_fleet(load_fleet(settings().config))
    changes = asyncio.run(bring_in_line(planned, pool=pool, plan_only=plan_only))
    if as_json:
        print_json([_facts(change) for change in changes])
    else:
        if changes:
            print_line(describe(changes))
        print_line(_in_total(changes, plan_only=plan_only))
    return 0


def _facts(change: Change) -> dict[str, object]:
    return {"deployment": change.name, "action": change.action, "differences": change.differences}


def _in_total(changes: Sequence[Change], *, plan_only: bool) -> str:
    counted, words = Counter(change.action for change in changes), _PLANNED if plan_only else _DONE
    told = [f"{counted[action]} {words[action]}" for action in words if counted[action]]
    return f"{', '.join(told) or 'nothing to change'}."
