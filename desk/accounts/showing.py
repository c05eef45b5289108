"""Shows an account with everything filled in: defaults, overrides, and every parameter of its plug-ins."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from pathlib import PurePath

from desk.accounts.building import policy_of, resolved_plugins
from desk.accounts.connections import ConnectionSpec
from desk.accounts.fleet import Fleet
from desk.accounts.protections import translated
from desk.accounts.spec import AccountSpec
from desk.accounts.universe import UniverseSpec
from desk.accounts.values import format_duration

_RESOLVED = {"name", "feed", "strategies", "policy", "schedule", "connection"}


def show(fleet: Fleet, name: str) -> str:
    """Return an account as YAML.

    Raises:
        ConfigError: there is no such account.
    """
    return to_yaml(resolved(fleet, name))


def resolved(fleet: Fleet, name: str) -> dict[str, object]:
    """Return an account as plain values, written as the loader reads them; amounts are exact decimals.

    Raises:
        ConfigError: there is no such account.
    """
    return {key: plain(value) for key, value in _resolved(fleet, name).items()}


def _resolved(fleet: Fleet, name: str) -> dict[str, object]:
    account, policy, connection = fleet.account(name), policy_of(fleet, name), fleet.connection_of(name)
    universe = fleet.universe_of(name)
    plugins, breaker = resolved_plugins(policy), fleet.policies[name].breaker
    taken_over = [str(one) for one in translated(fleet.policies[name].protections, account.timeframe)]
    written = account.model_dump(
        exclude={"name", "feed", "strategies", "policy", "schedule", "connection", "universe"}
        | ({"instruments"} if universe else set()),
        exclude_none=True,
    )
    return {
        "name": name,
        **written,
        **({"universe": _universe(account, universe)} if universe else {}),
        "schedule": account.schedule.model_dump(exclude_none=True),
        "strategies": plugins["strategies"],
        "policy": {
            "name": account.policy,
            "entry_score": policy.entry_score,
            "exit_score": policy.exit_score,
            "time_limit": policy.time_limit,
            "sizing": plugins["sizing"],
            "rules": plugins["rules"],
            **({"protections": taken_over} if taken_over else {}),
            **({"exits": exits.model_dump(exclude_none=True)} if (exits := fleet.policies[name].exits) else {}),
            **({"breaker": breaker.model_dump(exclude_none=True)} if breaker else {}),
            **{
                key: spec.model_dump(exclude_none=True)
                for key in ("regimes", "votes", "sides", "costs", "monitor")
                if (spec := getattr(fleet.policies[name], key)) is not None
            },
        },
        "feed": {"name": account.feed, **fleet.feed_of(name).model_dump(exclude_none=True)},
        "terms": fleet.terms_of(name).model_dump(),
        **({"connection": _connection(account, connection)} if connection else {}),
    }


def _universe(account: AccountSpec, universe: UniverseSpec) -> dict[str, object]:
    """The universe without its rules, which are a strategy of the account."""
    return {"name": account.universe, **universe.model_dump(exclude={"rules"}, exclude_none=True)}


def _connection(account: AccountSpec, connection: ConnectionSpec) -> dict[str, object]:
    """The connection with the names of the variables that hold its keys, never what they hold."""
    return {"name": account.connection, **connection.model_dump(exclude_none=True)}


def plain(value: object) -> object:
    """Return a value as YAML writes it and the loader reads it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, StrEnum | PurePath):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def to_yaml(value: object) -> str:
    """Return plain values as YAML, in their own order, amounts to the last digit."""
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        def represent_decimal(self, number: Decimal) -> ScalarNode:
            text = format(number, "f")
            return self.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)

        def ignore_aliases(self, data: object) -> bool:
            return True  # what stands in two places is written twice, as a person would

    Representer.add_representer(Decimal, Representer.represent_decimal)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = Representer
    yaml.representer.sort_base_mapping_type_on_output = False
    yaml.default_flow_style = False
    yaml.width = 120
    stream = StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
