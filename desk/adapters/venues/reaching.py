"""From what the operator wrote about a connection to the venue that it reaches."""

from collections.abc import Mapping
from dataclasses import replace

from desk.accounts.connections import (
    AsterConnection,
    CoinbaseConnection,
    ConnectionSpec,
    KucoinConnection,
    OandaConnection,
)
from desk.adapters.budget.facts import Scope
from desk.adapters.budget.limits import DEFAULTS, VenueLimits
from desk.adapters.keys import read_secrets
from desk.adapters.venues.reached import Reached, Secrets, Tools


def scope_of(spec: ConnectionSpec) -> Scope:
    """Return who shares the connection's limits: whoever uses the same keys in the same world."""
    return Scope(spec.kind, spec.url or spec.environment, "+".join(sorted(variables_of(spec).values())))


def limits_of(spec: ConnectionSpec) -> VenueLimits:
    """Return the venue's usual limits with what the connection says otherwise."""
    usual = DEFAULTS.get(spec.kind, VenueLimits())
    told = spec.budget.model_dump(exclude_none=True) if spec.budget else {}
    return VenueLimits(shared=usual.shared, each=replace(usual.each, **told))


def variables_of(spec: ConnectionSpec) -> Mapping[str, str]:
    """Return the names of the variables that hold the connection's keys, by the part of the key."""
    return spec.secrets.model_dump(exclude_none=True)


def secrets_of(name: str, spec: ConnectionSpec, values: Mapping[str, str] | None = None) -> Secrets:
    """Return the keys of a connection by part, as they are now.

    Args:
        name: of the connection, for messages.
        values: where they are, in place of the installation's own places.

    Raises:
        ConfigError: a variable is not set, or what it holds is no key.
    """
    return read_secrets(f"connections.{name}", variables_of(spec), values)


def reach(name: str, spec: ConnectionSpec, tools: Tools, *, values: Mapping[str, str] | None = None) -> Reached:
    """Return the venue of a connection; nothing is sent yet.

    Args:
        name: of the connection, for messages.
        values: where its keys are, in place of the installation's own places.

    Raises:
        ConfigError: a variable is not set, or what it holds is no key; or ccxt is wanted and not installed.
    """
    secrets = secrets_of(name, spec, values)
    # Each venue brings libraries of its own, which a fleet without it need not load.
    if isinstance(spec, OandaConnection):
        from desk.adapters.venues.oanda.reached import ReachedOanda

        return ReachedOanda(spec, secrets, tools)
    if isinstance(spec, CoinbaseConnection):
        from desk.adapters.venues.coinbase.reached import ReachedCoinbase

        return ReachedCoinbase(spec, secrets, tools)
    if isinstance(spec, KucoinConnection):
        from desk.adapters.venues.kucoin.reached import ReachedKucoin

        return ReachedKucoin(spec, secrets, tools)
    if isinstance(spec, AsterConnection):
        from desk.adapters.venues.aster.reached import ReachedAster

        return ReachedAster(spec, secrets, tools)
    from desk.adapters.venues.ccxt.reached import ReachedCcxt

    return ReachedCcxt(spec, secrets, tools)
