"""Taking up a cycle: new, begun or finished; and what is written down when."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from desk.model.books import AccountState
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Decision, Mode
from desk.model.orders import OrderState
from desk.steps.cycles import finish, record_decision, take_up
from tests.builders import CLOSE, intent, snapshot
from tests.fakes import order_of

NOW = CLOSE + timedelta(seconds=5)
FRESH = CycleRecord(
    CycleKey("sample", CLOSE), CycleState.RUNNING, Mode.PAPER, config_version="c0ffee", code_version="0.1.0"
)


@dataclass
class Found:
    state: CycleState = CycleState.RUNNING
    is_new: bool = False
    notified_at: datetime | None = None
    superseded_by: datetime | None = None


@dataclass
class FakeCycles:
    """Answers a claim with `found` and keeps every record that was committed."""

    found: Found
    stored: CycleRecord | None = None
    committed: list[CycleRecord] = field(default_factory=list)
    claims: list[dict[str, object]] = field(default_factory=list)
    closed_with: list[tuple[AccountState | None, bool]] = field(default_factory=list)

    async def claim_cycle(self, key, **claim) -> Found:
        self.claims.append({"key": key, **claim})
        return self.found

    async def cycle(self, key) -> CycleRecord | None:
        return self.stored

    async def record_cycle(self, record, *, now, lease=None) -> None:
        self.committed.append(record)

    async def close_cycle(self, record, *, money, is_announced, now, lease=None) -> None:
        self.committed.append(record)
        self.closed_with.append((money, is_announced))


async def taken(found, stored=None):
    return await take_up(FRESH, FakeCycles(found, stored), flow_run_id="run-1", now=NOW)


async def test_a_new_cycle_begins_with_the_fresh_record_and_is_claimed_with_its_versions():
    log = FakeCycles(Found(is_new=True))
    cycle = await take_up(FRESH, log, flow_run_id="run-1", now=NOW)
    assert cycle.record is FRESH
    assert (cycle.is_finished, cycle.is_decided, cycle.is_announced) == (False, False, False)
    assert log.claims == [
        {
            "key": FRESH.key,
            "mode": Mode.PAPER,
            "flow_run_id": "run-1",
            "config_version": "c0ffee",
            "code_version": "0.1.0",
            "now": NOW,
        }
    ]


@pytest.mark.parametrize("state", [CycleState.TRADED, CycleState.HELD])
@pytest.mark.parametrize("notified_at", [None, CLOSE])
async def test_a_finished_cycle_gives_its_record_and_says_whether_people_were_told(state, notified_at):
    stored = replace(FRESH, state=state, detail="as it was")
    cycle = await taken(Found(state, notified_at=notified_at), stored)
    assert cycle.is_finished
    assert cycle.record == stored
    assert cycle.is_announced == (notified_at is not None)


@pytest.mark.parametrize("state", [state for state in CycleState if not state.is_finished])
async def test_a_cycle_that_an_earlier_run_decided_is_carried_out_and_not_decided_again(state):
    decided = replace(FRESH, snapshot=snapshot(), decision=Decision(intents=(intent(),)))
    cycle = await taken(Found(state), decided)
    assert cycle.is_decided
    assert not cycle.is_finished
    assert cycle.record.decision.intents == (intent(),)


async def test_a_cycle_that_ended_before_its_decision_is_decided_anew():
    cycle = await taken(Found(CycleState.NO_TRADE), replace(FRESH, detail="the feed was silent"))
    assert (cycle.is_finished, cycle.is_decided) == (False, False)


async def test_a_claimed_cycle_without_a_record_is_a_contradiction():
    with pytest.raises(AssertionError, match="sample 2026-01-14T15:00:00Z was claimed and is gone"):
        await taken(Found(CycleState.FAILED), None)


async def test_the_decision_is_committed_with_the_snapshot_that_it_was_made_on():
    log, seen, decision = FakeCycles(Found()), snapshot(), Decision(intents=(intent(),))
    decided = await record_decision(replace(FRESH, state=CycleState.FAILED), seen, decision, log, now=NOW, lease=None)
    assert log.committed == [decided]
    assert (decided.state, decided.snapshot, decided.decision) == (CycleState.RUNNING, seen, decision)


async def test_a_finished_cycle_keeps_its_decision_and_adds_what_became_of_it():
    log, decided = FakeCycles(Found()), replace(FRESH, snapshot=snapshot(), decision=Decision(intents=(intent(),)))
    orders, durations = (order_of(intent(), OrderState.FILLED, "100"),), {"place_orders": 0.2}

    closed = await finish(
        decided, CycleState.TRADED, log, orders=orders, detail="one", durations=durations, now=NOW, lease=None
    )

    finished = closed.record
    assert log.committed == [finished]
    assert not closed.is_announced
    assert (finished.decision, finished.snapshot) == (decided.decision, decided.snapshot)
    assert (finished.state, finished.orders, finished.detail) == (CycleState.TRADED, orders, "one")
    durations["notify"] = 1.0
    assert finished.durations == {"place_orders": 0.2}


async def test_the_money_that_a_cycle_leaves_is_committed_with_it():
    log, money = FakeCycles(Found()), snapshot().money
    orders = (order_of(intent(), OrderState.FILLED, "100"),)
    await finish(FRESH, CycleState.TRADED, log, orders=orders, money=money, durations={}, now=NOW, lease=None)
    assert log.closed_with == [(money, False)]


async def test_a_cycle_with_nothing_to_tell_counts_as_announced():
    log = FakeCycles(Found())
    closed = await finish(FRESH, CycleState.HELD, log, durations={}, now=NOW, lease=None)
    assert closed.is_announced
    assert log.closed_with == [(None, True)]
