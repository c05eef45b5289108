"""Asks a venue whether an account is the one that is to be armed, and what its key may do."""

from collections.abc import Iterator
from dataclasses import dataclass

from desk.accounts import AccountSpec
from desk.accounts.arming import EXEMPT
from desk.adapters.venues.examining import MOST_SKEW, compare_clocks
from desk.adapters.venues.reached import Identity, Reached
from desk.errors import AccessDenied, DeskError
from desk.model.arming import ArmCheck, CheckResult
from desk.model.books import AccountState

_NOT_TOLD = "not told by the venue"


@dataclass(frozen=True, slots=True)
class Sought:
    """Which account is to be armed.

    Attributes:
        environment: the world of its connection.
        account_id: the venue's id of it, as it is configured or was armed before; empty where neither is known.
    """

    account: AccountSpec
    environment: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the venue said; `money` is None where it did not say how much there is."""

    identity: Identity
    money: AccountState | None
    checks: tuple[ArmCheck, ...]


async def examine(reached: Reached, sought: Sought) -> Examined:
    """Ask the venue; a question that fails is a check that fails, and the others are asked all the same."""
    clock = await _clock(reached)
    try:
        identity = await reached.identity(sought.account)
        known = tuple(_identified(identity, sought))
    except DeskError as error:
        identity, known = Identity(), (_unanswered(error, sought),)
    try:
        money = await reached.trading(sought.account).account()
        worth = tuple(_valued(money, sought.account))
    except DeskError as error:
        money, worth = None, (_no_money(error),)
    return Examined(identity, money, (*known, *worth, clock))


def _identified(identity: Identity, sought: Sought) -> Iterator[ArmCheck]:
    yield _environment(identity, sought)
    yield _account(identity, sought)
    yield _may_trade(identity)
    yield _may_not_withdraw(identity)


def _environment(identity: Identity, sought: Sought) -> ArmCheck:
    name, expected, told = "environment", sought.environment, identity.environment
    if expected == EXEMPT:
        return ArmCheck(name, CheckResult.PASS, expected, "a simulator, which has no money")
    if told is None:
        # A key of another world is refused there, so that an answer at all is most of an answer.
        return ArmCheck(name, CheckResult.NOT_TOLD, expected, f"{_NOT_TOLD}; its host for {expected} took the key")
    if told == expected:
        return ArmCheck(name, CheckResult.PASS, expected, told)
    advice = f"the account is of the world {told}: correct `environment` or `account_id` of its connection"
    return ArmCheck(name, CheckResult.FAIL, expected, told, advice)


def _account(identity: Identity, sought: Sought) -> ArmCheck:
    name, expected, told = "venue account", sought.account_id or "any", identity.account
    if told is None:
        return ArmCheck(name, CheckResult.NOT_TOLD, expected, _NOT_TOLD)
    if sought.account_id in ("", told):
        return ArmCheck(name, CheckResult.PASS, expected, told)
    advice = (
        "the key opens another account than the one that is configured or was armed before: give the account that "
        f"trades there a name of its own, or run `desk disarm {sought.account.name}` first"
    )
    return ArmCheck(name, CheckResult.FAIL, expected, told, advice)


def _may_trade(identity: Identity) -> ArmCheck:
    name, expected = "right to trade", "yes"
    if identity.may_trade is None:
        return ArmCheck(name, CheckResult.NOT_TOLD, expected, _NOT_TOLD)
    if identity.may_trade:
        return ArmCheck(name, CheckResult.PASS, expected, "yes")
    advice = "give the key the right to trade, and take `read_only: true` out of its connection"
    return ArmCheck(name, CheckResult.FAIL, expected, "no", advice)


def _may_not_withdraw(identity: Identity) -> ArmCheck:
    name, expected = "right to withdraw", "no"
    if identity.may_withdraw is None:
        return ArmCheck(name, CheckResult.NOT_TOLD, expected, _NOT_TOLD)
    if not identity.may_withdraw:
        return ArmCheck(name, CheckResult.PASS, expected, "no")
    advice = "make a key without it: whoever finds this one could take the money away"
    return ArmCheck(name, CheckResult.FAIL, expected, "yes", advice)


def _valued(money: AccountState, account: AccountSpec) -> Iterator[ArmCheck]:
    same, some = money.currency == account.currency, money.equity > 0
    yield ArmCheck(
        "currency",
        CheckResult.PASS if same else CheckResult.FAIL,
        account.currency,
        money.currency,
        "" if same else f"write `currency: {money.currency}` in the account",
    )
    yield ArmCheck(
        "equity",
        CheckResult.PASS if some else CheckResult.FAIL,
        "more than 0",
        f"{money.equity:,.2f} {money.currency}",
        "" if some else "put money into the account, or into the wallet that it trades from",
    )


def _unanswered(error: DeskError, sought: Sought) -> ArmCheck:
    if isinstance(error, AccessDenied):
        advice = f"is the key of the environment {sought.environment}? A key of one world is refused in the other"
    else:
        advice = "run `desk venues check`, and arm the account when the venue answers"
    return ArmCheck("key", CheckResult.FAIL, "an answer under the account's key", str(error), advice)


def _no_money(error: DeskError) -> ArmCheck:
    return ArmCheck("equity", CheckResult.FAIL, "more than 0", str(error), "arm the account when the venue tells")


async def _clock(reached: Reached) -> ArmCheck:
    expected = f"at most {MOST_SKEW.seconds} s from the venue's"
    try:
        told = await compare_clocks(reached)
    except DeskError as error:
        return ArmCheck("clock", CheckResult.FAIL, expected, str(error), "let the machine's clock be set over the net")
    if told is None:
        return ArmCheck("clock", CheckResult.NOT_TOLD, expected, "requests to this venue carry no time")
    return ArmCheck("clock", CheckResult.PASS, expected, told)
