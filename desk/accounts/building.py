"""Builds the policy that an account decides by, and the version that names everything which shapes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import PurePath

from desk.accounts.fleet import Fleet
from desk.accounts.plugins import build
from desk.accounts.spec import AccountSpec, PolicySpec
from desk.decide import Policy, WeightedStrategy
from desk.execution.breaker import BreakerLimits
from desk.registry import risk_rules, sizings, strategies

# When an account is scanned, and what people call it, changes no decision.
_WITHOUT_EFFECT = {"description", "active", "schedule", "watch", "config_version"}
# These are resolved: two spellings of the same thing have the same version.
_RESOLVED = {"strategies", "policy", "feed", "connection"}
# How a venue is reached changes no decision; which of its worlds it is decides whose money is traded.
_REACHED = {"kind", "environment", "market", "exchange", "account_id", "user", "read_only"}


def policy_of(fleet: Fleet, name: str) -> Policy:
    """Return the policy of an account, with its plug-ins built.

    Raises:
        ConfigError: there is no such account, or a plug-in has changed since the fleet was loaded and no longer
            takes its parameters.
    """
    return build_policy(fleet.account(name), fleet.policies[name])


def build_policy(account: AccountSpec, policy: PolicySpec) -> Policy:
    """Return the policy of an account, from what is written about it."""
    return Policy(
        account=account.name,
        timeframe=account.timeframe,
        instruments=account.instruments,
        strategies=tuple(
            WeightedStrategy(build(strategies(), strategy.name, strategy.parameters), strategy.weight)
            for strategy in account.strategies
        ),
        sizing=build(sizings(), policy.sizing.name, policy.sizing.parameters),
        rules=tuple(build(risk_rules(), rule.name, rule.parameters) for rule in policy.rules),
        entry_score=policy.entry_score,
        exit_score=policy.exit_score,
        time_limit=policy.time_limit,
        lookback=account.lookback,
        breaker=policy.breaker.limits if policy.breaker else BreakerLimits(),
    )


def config_version(fleet: Fleet, name: str) -> str:
    """Return 12 hexadecimal digits of the SHA-256 of everything that shapes an account's decisions."""
    return sha256(json.dumps(_facts(fleet, name), sort_keys=True, default=_canonical).encode()).hexdigest()[:12]


def resolved_plugins(policy: Policy) -> dict[str, object]:
    """Return strategies, sizing and rules with every parameter, also those that were left at their defaults."""
    return {
        "strategies": [
            {"name": entry.strategy.name, "weight": entry.weight, "parameters": entry.strategy.model_dump()}
            for entry in policy.strategies
        ],
        "sizing": {"name": policy.sizing.name, "parameters": policy.sizing.model_dump()},
        "rules": [{"name": rule.name, **rule.model_dump()} for rule in policy.rules],
    }


def _facts(fleet: Fleet, name: str) -> Mapping[str, object]:
    account, policy, connection = fleet.account(name), policy_of(fleet, name), fleet.connection_of(name)
    return {
        "account": account.model_dump(exclude=_WITHOUT_EFFECT | _RESOLVED),
        "plugins": resolved_plugins(policy),
        "entry_score": policy.entry_score,
        "exit_score": policy.exit_score,
        "time_limit": policy.time_limit,
        "feed": fleet.feed_of(name).model_dump(),
        "terms": fleet.terms_of(name).model_dump(),
        **({"connection": connection.model_dump(include=_REACHED)} if connection else {}),
        **({"exits": exits.model_dump()} if (exits := fleet.policies[name].exits) else {}),
        **({"breaker": asdict(policy.breaker)} if policy.breaker != BreakerLimits() else {}),
    }


def _canonical(value: object) -> str | float:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"expected a value of a configuration, found {type(value).__name__}")
