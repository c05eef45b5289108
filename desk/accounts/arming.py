"""Which accounts must be armed, and what their configuration must have before a person may arm them."""

from collections.abc import Iterator
from datetime import timedelta

from desk.accounts.building import policy_of
from desk.accounts.fleet import Fleet
from desk.accounts.spec import AccountSpec
from desk.accounts.values import format_duration
from desk.accounts.watching import stop_keeping, watch_every
from desk.decide import Policy
from desk.execution.breaker import Limit
from desk.execution.stops import StopKeeping
from desk.model.arming import ArmCheck, ArmNeed, CheckResult
from desk.model.cycle import Mode

EXEMPT = "simulator"
"""The environment in which nothing needs an arm: no venue is there."""

REAL_MONEY = "live"
"""The environment that needs `DESK_ALLOW_LIVE` besides an arm."""

SWITCH = "DESK_ALLOW_LIVE"

_RULES = ("position_size", "total_exposure")
_LOSSES = (Limit.DAILY_LOSS, Limit.DRAWDOWN)
_RATES = (Limit.ORDERS_PER_MINUTE, Limit.ORDERS_PER_HOUR)
_NOTHING = "nothing"


def needs_arming(fleet: Fleet, *, allows_live: bool) -> tuple[ArmNeed, ...]:
    """Return what every live account of a real venue must be armed for; simulators need nothing.

    Args:
        allows_live: whether this process may open positions with real money.
    """
    needs = (_need(fleet, account, allows_live=allows_live) for account in fleet.accounts.values())
    return tuple(need for need in needs if need is not None)


def environment_of(fleet: Fleet, name: str) -> str:
    """Return the world of the venue that a live account trades at; empty for an account that trades at none."""
    connection = fleet.connection_of(name)
    return connection.environment if connection and fleet.account(name).mode is Mode.LIVE else ""


def _need(fleet: Fleet, account: AccountSpec, *, allows_live: bool) -> ArmNeed | None:
    environment = environment_of(fleet, account.name)
    if environment in ("", EXEMPT):
        return None
    forbidden = ""
    if environment == REAL_MONEY and not allows_live:
        forbidden = f"{SWITCH} is not yes in the process that asks: nothing is opened with real money"
    elif watch_every(account) is None:
        forbidden = "its positions are not watched (`watch: off`): nothing is opened without somebody to protect it"
    return ArmNeed(account.name, environment, account.config_version, forbidden)


def configured_checks(fleet: Fleet, name: str, *, allows_live: bool) -> tuple[ArmCheck, ...]:
    """Check what is written about an account: the switch for real money, its limits, and who keeps its stops.

    What a limit is, above 0, has been checked when the configuration was loaded.
    """
    account, policy = fleet.account(name), policy_of(fleet, name)
    switch = [_switch(is_on=allows_live)] if environment_of(fleet, name) == REAL_MONEY else []
    return (*switch, *_limits(policy, account.policy), _stops(account))


def _switch(*, is_on: bool) -> ArmCheck:
    if is_on:
        return ArmCheck(SWITCH, CheckResult.PASS, "yes", "yes")
    advice = f"set {SWITCH}=yes for this command and for `desk up`: the account trades with real money"
    return ArmCheck(SWITCH, CheckResult.FAIL, "yes", "another value, or none", advice)


def _limits(policy: Policy, name: str) -> Iterator[ArmCheck]:
    rules = {rule.name: rule for rule in policy.rules}
    for rule in _RULES:
        told = ", ".join(f"{key} {value}" for key, value in rules[rule].model_dump().items()) if rule in rules else ""
        yield _limit(f"rule {rule}", told, f"add the rule {rule} to the policy {name}, or to `overrides`")
    for limit in _LOSSES:
        value = getattr(policy.breaker, limit)
        told = "" if value is None else f"{value}"
        yield _limit(f"breaker {limit}", told, f"add {limit} to the breaker of the policy {name}")
    rates = [f"{limit} {value}" for limit in _RATES if (value := getattr(policy.breaker, limit)) is not None]
    advice = f"add {' or '.join(_RATES)} to the breaker of the policy {name}"
    yield _limit("breaker order rate", ", ".join(rates), advice)


def _limit(name: str, told: str, advice: str) -> ArmCheck:
    if told:
        return ArmCheck(name, CheckResult.PASS, "a limit", told)
    return ArmCheck(name, CheckResult.FAIL, "a limit", _NOTHING, advice)


def _stops(account: AccountSpec) -> ArmCheck:
    """No entry is proposed without a stop; who keeps it, and who notices that it is gone, is the account's."""
    expected, every = "a stop for every position, and a watch over it", watch_every(account)
    if every is None:
        advice = "take `watch: off` out of the account: nobody would notice a position that has lost its stop"
        return ArmCheck("stop", CheckResult.FAIL, expected, "no watch", advice)
    return ArmCheck("stop", CheckResult.PASS, expected, _kept(account, every))


def _kept(account: AccountSpec, every: timedelta) -> str:
    by_desk = [name for name in account.instruments if stop_keeping(account, name) is StopKeeping.DESK]
    kept = f"kept by the desk alone for {', '.join(by_desk)}" if by_desk else "kept at the venue"
    if account.universe is not None:
        kept = "kept at the venue where it can keep one, else by the desk alone"
    return f"{kept}, watched every {format_duration(every)}"
