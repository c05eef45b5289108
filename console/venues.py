"""Lists the connections of the fleet, and asks the venues behind them whether everything works."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict

from console.failures import FAILED
from console.services.venues import examine, users_of
from console.showing import print_json, print_line, print_rows
from desk.accounts import ConnectionSpec, Fleet, load_fleet
from desk.adapters.credentials.chain import credentials
from desk.adapters.settings import settings
from desk.adapters.venues.examining import Answer, Result
from desk.adapters.venues.reaching import variables_of
from desk.errors import ConfigError
from desk.registry import nearest

_NONE_YET = (
    "no connection in accounts.yaml: every account trades at the embedded paper venue; "
    "docs/how-to/connect-a-venue.md says how to add one"
)


def show_venues(*, as_json: bool) -> int:
    """Print a row for each connection: where it leads, who uses it, and whether its keys are there."""
    fleet = load_fleet(settings().config)
    rows = [_facts(fleet, name, spec) for name, spec in fleet.connections.items()]
    if as_json:
        print_json(rows)
    else:
        print_rows([_row(facts) for facts in rows], as_json=False, empty=_NONE_YET)
    return 0


def check_venues(name: str | None, *, as_json: bool) -> int:
    """Ask one venue, or all, a question of each kind; return 1 where one was not answered as it should be.

    Raises:
        ConfigError: there is no connection of that name, or a key is missing.
    """
    fleet = load_fleet(settings().config)
    if name is not None and name not in fleet.connections:
        raise ConfigError(f"unknown connection '{name}'; {nearest(name, fleet.connections)}")
    names = (name,) if name else tuple(fleet.connections)
    if not names:
        print_rows([], as_json=as_json, empty=_NONE_YET)
        return 0
    told = {one: asyncio.run(examine(fleet, one)) for one in names}
    if as_json:
        print_json({one: [asdict(answer) for answer in answers] for one, answers in told.items()})
    else:
        print_answers(told)
    return FAILED if any(answer.result is Result.FAILED for answers in told.values() for answer in answers) else 0


def print_answers(told: Mapping[str, tuple[Answer, ...]]) -> None:
    """Print what venues answered, a table for each connection."""
    for name, answers in told.items():
        rows = [{"question": one.question, "result": one.result, "answer": one.detail} for one in answers]
        print_rows(rows, as_json=False, title=name)
        print_line()


def _facts(fleet: Fleet, name: str, spec: ConnectionSpec) -> dict[str, object]:
    variables, found = variables_of(spec), credentials()
    return {
        "connection": name,
        "kind": spec.kind,
        "environment": spec.environment,
        "url": spec.url,
        "accounts": [account.name for account in users_of(fleet, name)],
        "live": [account.name for account in users_of(fleet, name) if account.mode == "live"],
        "variables": list(variables.values()),
        "missing": [variable for variable in variables.values() if found.find(variable) is None],
    }


def _row(facts: dict[str, object]) -> dict[str, object]:
    missing = facts["missing"]
    return {
        "connection": facts["connection"],
        "venue": facts["kind"],
        "environment": facts["environment"],
        "accounts": _listed(facts["accounts"]),
        "live": _listed(facts["live"]),
        "keys": f"missing: {_listed(missing)}" if missing else "there",
    }


def _listed(names: object) -> str:
    return ", ".join(names) if isinstance(names, list) else ""
