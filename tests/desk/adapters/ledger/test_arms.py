"""Arms in the ledger: without the right one nothing is opened, whatever closes goes out, and each change is audited."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.chain import first_bad
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.arming import Arm, ArmCheck, ArmNeed, CheckResult
from desk.model.books import TradingState
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from desk.ports import Lease
from tests.builders import CLOSE, intent

NEED = ArmNeed("sample", "practice", "c0ffee")
CHECKS = (
    ArmCheck("environment", CheckResult.PASS, "practice", "practice"),
    ArmCheck("right to trade", CheckResult.NOT_TOLD, "yes", "not told by the venue"),
)
ARM = Arm("sample", "c0ffee", "practice", "101-001-1-001", "ana", CLOSE, CHECKS)


@pytest.fixture
def needs() -> list[ArmNeed]:
    """What accounts need now, as the configuration would say; a test may change it."""
    return [NEED]


@pytest.fixture
def ledger(database: Database, needs: Sequence[ArmNeed]) -> Ledger:
    return Ledger(database, FixedClock(CLOSE), needs=lambda: needs)


@pytest.fixture
async def lease(ledger: Ledger) -> Lease:
    held = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert held is not None
    return held


async def send(ledger: Ledger, lease: Lease, name: str, *, reduce_only: bool = False) -> bool:
    await ledger.store_intents([replace(intent(name), reduce_only=reduce_only)])
    return await ledger.start_sending(name, lease)


async def outcome(ledger: Ledger, name: str) -> tuple[OrderState, str]:
    order = (await ledger.store_intents([intent(name)]))[name]
    return order.state, order.reason


async def test_an_account_that_is_not_armed_opens_nothing_and_closes_as_before(ledger, lease):
    assert not await send(ledger, lease, "sd-1")
    state, reason = await outcome(ledger, "sd-1")
    assert state is OrderState.CANCELLED
    assert reason == "NOT_ARMED: not armed: run `desk arm sample` (ordered by arming)"
    assert await send(ledger, lease, "sd-2", reduce_only=True)


async def test_an_armed_account_opens_positions(ledger, lease):
    await ledger.arm(ARM)
    assert await send(ledger, lease, "sd-1")
    assert await ledger.trading_state("sample", "oanda") is TradingState.ACTIVE


async def test_what_a_decision_looks_at_says_the_same(ledger):
    (found,) = await ledger.restrictions("sample", "oanda")
    assert (found.state, found.refusal) == (TradingState.REDUCE_ONLY, Reason.NOT_ARMED)
    assert await ledger.restrictions("other", "oanda") == ()
    await ledger.arm(ARM)
    assert await ledger.restrictions("sample", "oanda") == ()


async def test_a_changed_configuration_disarms_and_the_old_one_is_armed_again(ledger, lease, needs):
    await ledger.arm(ARM)
    needs[0] = replace(NEED, config_version="beef")
    assert not await send(ledger, lease, "sd-1")
    assert "armed for configuration c0ffee" in (await outcome(ledger, "sd-1"))[1]
    needs[0] = NEED
    assert await send(ledger, lease, "sd-2")


async def test_an_account_that_is_disarmed_between_decision_and_sending_sends_nothing(ledger, lease):
    await ledger.arm(ARM)
    await ledger.store_intents([intent("sd-1")])
    assert await ledger.disarm("sample", who="ana", why="holiday")
    assert not await ledger.start_sending("sd-1", lease)


async def test_what_is_forbidden_is_not_allowed_by_an_arm(ledger, lease, needs):
    await ledger.arm(ARM)
    needs[0] = replace(NEED, forbidden="DESK_ALLOW_LIVE is not yes")
    assert not await send(ledger, lease, "sd-1")
    assert (await outcome(ledger, "sd-1"))[1] == "NOT_ARMED: DESK_ALLOW_LIVE is not yes (ordered by arming)"


async def test_an_arm_of_another_account_is_none_of_this_one(ledger, lease):
    await ledger.arm(replace(ARM, account="other"))
    assert not await send(ledger, lease, "sd-1")


async def test_an_account_that_needs_no_arm_opens_positions_without_one(ledger, lease, needs):
    needs.clear()
    assert await send(ledger, lease, "sd-1")


async def test_an_arm_does_not_lift_a_halt(ledger, lease):
    await ledger.arm(ARM)
    await ledger.set_trading_state("fleet", TradingState.HALTED, who="me", why="news")
    assert not await send(ledger, lease, "sd-1")


async def test_an_arm_is_kept_as_it_was_given_and_replaced_by_the_next(ledger):
    await ledger.arm(ARM)
    assert await ledger.arms() == {"sample": ARM}
    later = replace(ARM, config_version="beef", who="ben", at=CLOSE + timedelta(days=1))
    await ledger.arm(later)
    assert await ledger.arms() == {"sample": later}


async def test_disarming_says_whether_there_was_an_arm(ledger):
    assert not await ledger.disarm("sample", who="ana", why="")
    await ledger.arm(ARM)
    assert await ledger.disarm("sample", who="ana", why="")
    assert await ledger.arms() == {}


async def test_an_arm_does_not_outlive_a_later_check_that_failed(ledger, lease):
    await ledger.arm(ARM)
    failed = ArmCheck("venue account", CheckResult.FAIL, "101-001", "101-002", "look at the key")
    await ledger.refuse_arm("sample", who="ana", failed=[failed])
    assert not await send(ledger, lease, "sd-1")
    assert [(row.action, row.detail.get("why")) for row in (await ledger.audit_entries())[-2:]] == [
        ("arming refused", None),
        ("disarmed", "arming it again was refused"),
    ]


async def test_every_arm_refusal_and_disarming_is_a_row_of_a_whole_chain(ledger):
    failed = ArmCheck("right to withdraw", CheckResult.FAIL, "no", "yes", "make another key")
    await ledger.refuse_arm("sample", who="ana", failed=[failed])
    await ledger.arm(ARM)
    await ledger.disarm("sample", who="ben", why="holiday")
    rows = await ledger.audit_entries()
    assert [(row.who, row.action, row.subject) for row in rows] == [
        ("ana", "arming refused", "account:sample"),
        ("ana", "armed", "account:sample"),
        ("ben", "disarmed", "account:sample"),
    ]
    assert rows[0].detail == {"right to withdraw": "expected no, found yes"}
    assert (rows[1].detail["configuration"], rows[1].detail["not told"]) == ("c0ffee", "right to trade")
    assert rows[2].detail == {"why": "holiday", "configuration": "c0ffee"}
    assert first_bad(rows) is None
