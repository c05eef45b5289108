"""Builds the policy that an account decides by, and the version that names everything which shapes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import PurePath

from desk.accounts.costing import cost_terms
from desk.accounts.fleet import Fleet
from desk.accounts.plugins import build
from desk.accounts.protections import translated
from desk.accounts.spec import AccountSpec, FeedSpec, PolicySpec, RecordedFeed
from desk.accounts.universe import UniverseSpec
from desk.accounts.venue_terms import VenueTerms
from desk.costs import CostTerms
from desk.decide import Policy, WeightedStrategy
from desk.decide.weights import VoteRules
from desk.execution.breaker import BreakerLimits
from desk.model.cycle import Mode
from desk.plugin import RiskRule
from desk.regimes.limits import RegimeLimits
from desk.registry import risk_rules, sizings, strategies

# When an account is scanned, and what people call it, changes no decision.
_HOLDING = ("financing", "funding", "maintenance_fraction", "liquidation_fee_bps")
"""Terms that say nothing unless they are written: an account without them keeps its version."""
_WITHOUT_EFFECT = {"description", "group", "active", "schedule", "watch", "config_version"}
# These are resolved: two spellings of the same thing have the same version.
_RESOLVED = {"strategies", "policy", "feed", "connection", "universe"}
# How a venue is reached changes no decision; which of its worlds it is decides whose money is traded.
_REACHED = {"kind", "environment", "market", "exchange", "account_id", "user", "read_only"}
# Rules of a universe are a strategy; what it is for changes no decision.
_SAID_ELSEWHERE = {"description", "venues", "rules"}

_ASSUMED = CostTerms()


def policy_of(fleet: Fleet, name: str) -> Policy:
    """Return the policy of an account, with its plug-ins built.

    Raises:
        ConfigError: there is no such account, or a plug-in has changed since the fleet was loaded and no longer
            takes its parameters.
    """
    return build_policy(
        fleet.account(name), fleet.policies[name], _cost_terms(fleet, name), universe=fleet.universe_of(name)
    )


def build_policy(
    account: AccountSpec, policy: PolicySpec, costs: CostTerms = _ASSUMED, *, universe: UniverseSpec | None = None
) -> Policy:
    """Return the policy of an account, from what is written about it; in a universe it has no instruments yet."""
    return Policy(
        account=account.name,
        timeframe=account.timeframe,
        instruments=account.instruments,
        strategies=tuple(
            WeightedStrategy(build(strategies(), strategy.name, strategy.parameters), strategy.weight)
            for strategy in account.strategies
        ),
        sizing=build(sizings(), policy.sizing.name, policy.sizing.parameters),
        rules=(*_rules(account, policy), *(universe.allocation() if universe else ())),
        entry_score=policy.entry_score,
        exit_score=policy.exit_score,
        time_limit=policy.time_limit,
        lookback=account.lookback,
        breaker=policy.breaker.limits if policy.breaker else BreakerLimits(),
        regimes=_regime_limits(policy),
        votes=policy.votes.rules if policy.votes else VoteRules(),
        sides=policy.sides.rules if policy.sides else None,
        costs=costs,
        universe=universe.chosen_by(account.universe or "") if universe else None,
        allocation=account.allocation,
    )


def _rules(account: AccountSpec, policy: PolicySpec) -> tuple[RiskRule, ...]:
    own = (build(risk_rules(), rule.name, rule.parameters) for rule in policy.rules)
    taken_over = (translation.built() for translation in translated(policy.protections, account.timeframe))
    return (*own, *taken_over)


def _cost_terms(fleet: Fleet, name: str) -> CostTerms:
    """A fee that the connection of a live account knows is that of its own tier."""
    terms, connection = fleet.terms_of(name), fleet.connection_of(name)
    known = connection.taker_fee_bps if connection and fleet.account(name).mode is Mode.LIVE else None
    return cost_terms(
        fleet.policies[name].costs,
        taker_fee_bps=terms.taker_fee_bps if known is None else known,
        half_spread_bps=terms.half_spread_bps,
        slippage_bps=terms.slippage_bps,
    )


def _regime_limits(policy: PolicySpec) -> RegimeLimits | None:
    """Votes that are weighed by regime have one told, with the usual thresholds where there are no others."""
    if policy.regimes is not None:
        return policy.regimes.limits
    return RegimeLimits() if policy.votes is not None and policy.votes.regimes else None


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
        "rules": [{"name": rule.name, **rule.model_dump(exclude_none=True)} for rule in policy.rules],
    }


def _facts(fleet: Fleet, name: str) -> Mapping[str, object]:
    account, policy, connection = fleet.account(name), policy_of(fleet, name), fleet.connection_of(name)
    return {
        "account": account.model_dump(exclude=_without_effect(account)),
        "plugins": resolved_plugins(policy),
        "entry_score": policy.entry_score,
        "exit_score": policy.exit_score,
        "time_limit": policy.time_limit,
        "feed": _feed(fleet.feed_of(name)),
        "terms": _terms(fleet.terms_of(name)),
        **({"connection": connection.model_dump(include=_REACHED)} if connection else {}),
        **({"universe": universe.model_dump(exclude=_SAID_ELSEWHERE)} if (universe := fleet.universe_of(name)) else {}),
        **({"exits": exits.model_dump()} if (exits := fleet.policies[name].exits) else {}),
        **({"fleet": [fleet.currency, dict(fleet.rates)]} if (fleet.currency, fleet.rates) != ("USD", {}) else {}),
        **({"breaker": asdict(policy.breaker)} if policy.breaker != BreakerLimits() else {}),
        **({"regimes": asdict(policy.regimes)} if policy.regimes else {}),
        **({"votes": asdict(policy.votes)} if policy.votes != VoteRules() else {}),
        **({"sides": asdict(policy.sides)} if policy.sides else {}),
        **({"costs": asdict(policy.costs)} if _has_own_costs(fleet, name) else {}),
    }


def _feed(feed: FeedSpec) -> Mapping[str, object]:
    said_nothing = {"instruments"} if isinstance(feed, RecordedFeed) and not feed.instruments else None
    return feed.model_dump(exclude=said_nothing)


def _terms(terms: VenueTerms) -> Mapping[str, object]:
    return terms.model_dump(exclude={key for key in _HOLDING if not getattr(terms, key)})


def _without_effect(account: AccountSpec) -> set[str]:
    whole = {"allocation"} if account.allocation == 1 else set()
    return _WITHOUT_EFFECT | _RESOLVED | whole


def _has_own_costs(fleet: Fleet, name: str) -> bool:
    """Whether costs are not simply those of the venue's terms, which count already."""
    connection = fleet.connection_of(name)
    return fleet.policies[name].costs is not None or bool(connection and connection.taker_fee_bps is not None)


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
