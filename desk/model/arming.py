"""What an account needs before it may open positions at a real venue, and whether it has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.model.books import Restriction, TradingState
from desk.model.reasons import Reason
from desk.model.scopes import Scope

ARMING = "arming"
"""Who orders the trading state of an account that is not armed."""


class CheckResult(StrEnum):
    """What came of a check before arming."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    FAIL = "fail"
    NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class ArmCheck:
    """One thing that must be so before an account may open positions.

    Attributes:
        advice: what to do where it is not so; empty otherwise.
    """

    name: str
    result: CheckResult
    expected: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ArmNeed:
    """What an account must be armed for, as it is configured now.

    Attributes:
        config_version: the hash of its configuration.
        forbidden: why it may open nothing even where it is armed; empty where it may.
    """

    account: str
    environment: str
    config_version: str
    forbidden: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    """A person's word that an account may open positions, for one configuration of it.

    Attributes:
        venue_account: the venue's own id of the account; empty where the venue does not tell.
        who: the person.
        checks: what was found before, none of it a failure.
    """

    account: str
    config_version: str
    environment: str
    venue_account: str
    who: str
    at: datetime
    checks: tuple[ArmCheck, ...] = ()


def why_not(need: ArmNeed, arm: Arm | None) -> str:
    """Return why an account may open nothing, and the command that changes it; empty where it may."""
    if need.forbidden:
        return need.forbidden
    if arm is None:
        return f"not armed: run `desk arm {need.account}`"
    if arm.config_version != need.config_version:
        return (
            f"armed for configuration {arm.config_version}, the account's configuration is {need.config_version} now: "
            f"run `desk arm {need.account}`"
        )
    return ""


def restrictions_of(needs: Iterable[ArmNeed], arms: Mapping[str, Arm]) -> tuple[Restriction, ...]:
    """Return REDUCE_ONLY for each account that has not what it needs: exits, cancels and stops go on."""
    found = ((need.account, why_not(need, arms.get(need.account))) for need in needs)
    return tuple(
        Restriction(TradingState.REDUCE_ONLY, ARMING, why, Scope(account=account), reason=Reason.NOT_ARMED)
        for account, why in found
        if why
    )
