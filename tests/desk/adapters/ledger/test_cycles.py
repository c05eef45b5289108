"""Cycles: claimed once, recorded as a whole, and never overwritten by a run that failed later."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.facts import Claim
from desk.adapters.ledger.ledger import Ledger
from desk.errors import LeaseLost, LedgerError
from desk.model.cycle import CycleKey, CycleState, Decision, Mode
from desk.model.records import TrackRecord
from desk.model.surroundings import OtherAccount, Surroundings
from tests.builders import CLOSE, closed_trade, snapshot
from tests.desk.adapters.ledger.builders import KEY, record

NOW = CLOSE + timedelta(seconds=3)
LATER = NOW + timedelta(seconds=40)
RUN_ENDS = [CycleState.FAILED, CycleState.CRASHED, CycleState.CANCELLED]


async def claim(ledger: Ledger, run: str = "run-1", key: CycleKey = KEY) -> Claim:
    return await ledger.claim_cycle(
        key, mode=Mode.PAPER, flow_run_id=run, config_version="c0ffee", code_version="0.1.0", now=NOW
    )


async def state_of(ledger: Ledger) -> CycleState | None:
    found = await ledger.last_cycle("sample")
    return found.state if found else None


async def test_a_new_cycle_is_running_under_its_run(ledger: Ledger) -> None:
    assert await claim(ledger) == Claim(KEY, CycleState.RUNNING, is_new=True)
    found = await ledger.last_cycle("sample")
    assert found is not None
    assert (found.key, found.state, found.flow_run_id, found.started_at) == (KEY, CycleState.RUNNING, "run-1", NOW)


async def test_of_many_claims_at_once_exactly_one_is_new(database: Database, database_url: str) -> None:
    other = Database.open(database_url)
    ledgers = [Ledger(database), Ledger(other)]
    claims = await asyncio.gather(*(claim(ledgers[run % 2], f"run-{run}") for run in range(8)))
    await other.close()
    assert sum(found.is_new for found in claims) == 1


@pytest.mark.parametrize("state", [state for state in CycleState if state.is_finished])
async def test_a_finished_cycle_is_left_alone_and_tells_whether_people_know(ledger: Ledger, state: CycleState) -> None:
    await ledger.record_cycle(record(state=state), now=NOW)
    assert await claim(ledger) == Claim(KEY, state, is_new=False)
    await ledger.mark_notified(KEY, LATER)
    assert await claim(ledger) == Claim(KEY, state, is_new=False, notified_at=LATER)
    assert await ledger.cycle(KEY) == record(state=state)


@pytest.mark.parametrize("state", [state for state in CycleState if not state.is_finished])
async def test_an_unfinished_cycle_is_running_again_with_what_it_had(ledger: Ledger, state: CycleState) -> None:
    await claim(ledger)
    await ledger.record_cycle(record(state=state), now=NOW)
    await ledger.mark_notified(KEY, NOW)
    assert await claim(ledger, "run-2") == Claim(KEY, state, is_new=False)
    found = await ledger.last_cycle("sample")
    assert found is not None
    assert (found.state, found.flow_run_id) == (CycleState.RUNNING, "run-2")
    assert (found.started_at, found.finished_at, found.notified_at) == (NOW, None, None)
    assert await ledger.cycle(KEY) == record(state=CycleState.RUNNING)


async def test_a_cycle_comes_back_as_it_was_recorded(ledger: Ledger) -> None:
    await ledger.record_cycle(record(), now=LATER)
    assert await ledger.cycle(KEY) == record()


async def test_trades_and_other_accounts_are_not_kept_with_a_cycle_because_the_ledger_has_them(ledger: Ledger) -> None:
    around = Surroundings(others=(OtherAccount("gold", "oanda", Decimal(1), Decimal(1)),), rate=Decimal(1))
    seen = snapshot(closed_trades=(closed_trade(),), surroundings=around, records={"constant": TrackRecord.of([1.0])})
    await ledger.record_cycle(replace(record(), snapshot=seen), now=LATER)
    found = await ledger.cycle(KEY)
    assert found is not None
    assert found.snapshot == replace(seen, closed_trades=(), surroundings=Surroundings())


async def test_a_cycle_that_decided_nothing_comes_back_too(ledger: Ledger) -> None:
    bare = replace(record(state=CycleState.NO_TRADE), decision=Decision(), snapshot=None, orders=(), durations={})
    await ledger.record_cycle(bare, now=LATER)
    assert await ledger.cycle(KEY) == bare


async def test_recording_again_replaces_and_never_adds(ledger: Ledger) -> None:
    first = record()
    fewer = replace(first.decision, signals=first.decision.signals[:1], verdicts=first.decision.verdicts[1:])
    for recorded in (first, first, replace(first, decision=fewer, detail="again"), replace(first, decision=Decision())):
        await ledger.record_cycle(recorded, now=LATER)
        assert await ledger.cycle(KEY) == recorded
    assert len(await ledger.cycles()) == 1


async def test_cycles_of_other_accounts_and_candles_are_not_touched(ledger: Ledger) -> None:
    keys = [KEY, CycleKey("other", CLOSE), CycleKey("sample", CLOSE + timedelta(minutes=5))]
    for key in keys:
        await ledger.record_cycle(record(key), now=LATER)
    await ledger.record_cycle(replace(record(), decision=Decision()), now=LATER)
    assert [await ledger.cycle(key) for key in keys[1:]] == [record(key) for key in keys[1:]]


async def test_a_record_that_fails_half_way_changes_nothing(ledger: Ledger) -> None:
    await ledger.record_cycle(record(), now=LATER)
    first, *others = record().decision.verdicts
    broken = replace(first, findings=(replace(first.findings[0], observed=Decimal("NaN")),))
    worse = replace(record(), decision=replace(record().decision, verdicts=(broken, *others)), detail="never seen")
    with pytest.raises(LedgerError, match="expected a finite Decimal"):
        await ledger.record_cycle(worse, now=LATER)
    assert await ledger.cycle(KEY) == record()


async def test_nobody_is_told_of_a_cycle_that_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"expected the cycle sample 2026-01-14T15:00:00Z, found none"):
        await ledger.mark_notified(KEY, NOW)


@pytest.mark.parametrize("end", RUN_ENDS)
async def test_the_end_of_a_run_is_recorded_on_its_running_cycle(ledger: Ledger, end: CycleState) -> None:
    await claim(ledger)
    assert await ledger.record_run_end(KEY, end, "killed", LATER, flow_run_id="run-1")
    found = await ledger.last_cycle("sample")
    assert found is not None
    assert (found.state, found.detail, found.finished_at) == (end, "killed", LATER)


@pytest.mark.parametrize("end", RUN_ENDS)
@pytest.mark.parametrize("state", [CycleState.TRADED, CycleState.HELD, CycleState.SKIPPED_STALE, CycleState.NO_TRADE])
async def test_the_end_of_a_run_never_overwrites_an_outcome(ledger: Ledger, state: CycleState, end: CycleState) -> None:
    await ledger.record_cycle(record(state=state), now=NOW)
    assert not await ledger.record_run_end(KEY, end, "killed", LATER, mode=Mode.PAPER)
    assert await ledger.cycle(KEY) == record(state=state)


async def test_the_end_of_a_run_never_touches_a_cycle_that_another_run_has_taken_up(ledger: Ledger) -> None:
    await claim(ledger, "run-1")
    await claim(ledger, "run-2")
    assert not await ledger.record_run_end(KEY, CycleState.CRASHED, "killed", LATER, flow_run_id="run-1")
    assert await state_of(ledger) is CycleState.RUNNING


async def test_a_run_that_ended_before_its_claim_leaves_a_record_where_its_mode_is_known(ledger: Ledger) -> None:
    assert not await ledger.record_run_end(KEY, CycleState.FAILED, "no config", NOW)
    assert await state_of(ledger) is None
    assert await ledger.record_run_end(KEY, CycleState.FAILED, "no config", NOW, mode=Mode.PAPER, flow_run_id="run-1")
    assert await state_of(ledger) is CycleState.FAILED


async def test_a_skipped_cycle_is_recorded_as_finished(ledger: Ledger) -> None:
    assert await ledger.record_skipped(KEY, Mode.PAPER, "42 s late", NOW, "run-1")
    found = await ledger.last_cycle("sample")
    assert found is not None
    assert (found.state, found.detail, found.finished_at) == (CycleState.SKIPPED_STALE, "42 s late", NOW)


@pytest.mark.parametrize("state", list(CycleState))
async def test_a_late_run_never_overwrites_a_record(ledger: Ledger, state: CycleState) -> None:
    await ledger.record_cycle(record(state=state), now=NOW)
    assert not await ledger.record_skipped(KEY, Mode.PAPER, "42 s late", LATER, "run-2")
    assert await ledger.cycle(KEY) == record(state=state)


async def test_a_configuration_is_kept_once(ledger: Ledger) -> None:
    await ledger.store_config_version("c0ffee", "first", NOW)
    await ledger.store_config_version("c0ffee", "second", LATER)
    assert await ledger.config_version("c0ffee") == "first"
    assert await ledger.config_version("unknown") is None


async def test_a_run_that_was_replaced_changes_nothing_in_the_record_of_its_successor(ledger: Ledger) -> None:
    replaced = await ledger.acquire_lease("sample", "first", NOW, timedelta(0), venue="oanda")
    newest = await ledger.acquire_lease("sample", "second", NOW, timedelta(minutes=1), venue="oanda")
    await ledger.record_cycle(record(), now=NOW, lease=newest)
    kept = await ledger.cycle(KEY)
    worse = replace(record(), state=CycleState.FAILED, decision=Decision())

    with pytest.raises(LeaseLost):
        await ledger.record_cycle(worse, now=NOW, lease=replaced)
    with pytest.raises(LeaseLost):
        await ledger.close_cycle(worse, money=None, is_announced=True, now=NOW, lease=replaced)
    assert await ledger.cycle(KEY) == kept


async def test_a_claim_tells_of_a_newer_candle_that_the_account_has_a_cycle_of(ledger: Ledger) -> None:
    later = CycleKey(KEY.account, KEY.candle_close + timedelta(minutes=5))
    assert (await claim(ledger)).superseded_by is None
    await ledger.record_cycle(record(later), now=NOW)
    assert (await claim(ledger)).superseded_by == later.candle_close
    assert (await claim(ledger, key=later)).superseded_by is None
