"""Arms: one fits the configuration that it was given for, and nothing that forbids is overridden by one."""

from dataclasses import replace

import pytest

from desk.model.arming import Arm, ArmNeed, restrictions_of, why_not
from desk.model.books import TradingState, most_severe
from desk.model.reasons import Reason
from desk.model.scopes import Scope
from tests.builders import CLOSE

NEED = ArmNeed("sample", "practice", "c0ffee")
ARM = Arm("sample", "c0ffee", "practice", "101-001-1-001", "ana", CLOSE)


@pytest.mark.parametrize(
    ("need", "arm", "expected"),
    [
        (NEED, ARM, ""),
        (NEED, None, "not armed: run `desk arm sample`"),
        (
            replace(NEED, config_version="beef"),
            ARM,
            "armed for configuration c0ffee, the account's configuration is beef now: run `desk arm sample`",
        ),
        (replace(NEED, forbidden="no real money"), ARM, "no real money"),
        (replace(NEED, forbidden="no real money"), None, "no real money"),
    ],
)
def test_why_an_account_may_open_nothing(need: ArmNeed, arm: Arm | None, expected: str) -> None:
    assert why_not(need, arm) == expected


def test_an_account_without_its_arm_is_reduced_and_no_other() -> None:
    other = replace(NEED, account="other")
    (found,) = restrictions_of([NEED, other], {"other": replace(ARM, account="other")})
    assert (found.state, found.scope) == (TradingState.REDUCE_ONLY, Scope(account="sample"))
    assert found.refusal is Reason.NOT_ARMED
    assert str(found) == "account:sample is reduce_only: not armed: run `desk arm sample` (ordered by arming)"


def test_a_halt_is_more_severe_than_a_missing_arm() -> None:
    unarmed = restrictions_of([NEED], {})
    halted = replace(unarmed[0], state=TradingState.HALTED, who="me", reason=None)
    assert most_severe((*unarmed, halted)).refusal is Reason.TRADING_HALTED
