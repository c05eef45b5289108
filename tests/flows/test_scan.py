"""The scan through Prefect's engine, against a real server and a real ledger."""

from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
)

from blocks.account import LEASE_FOR
from desk.adapters.logs.keeping import keep_logs, log_file
from desk.adapters.logs.reading import Wanted, newest_first
from desk.adapters.settings import settings
from desk.errors import VenueUnavailable
from desk.model.cycle import CycleKey, CycleState
from desk.model.orders import OrderState
from tests.flows.installation import CLOSE, eventually

pytestmark = pytest.mark.prefect

TASKS = [
    "repair_books",
    "fetch_candles",
    "compute_signals",
    "take_snapshot",
    "propose_trades",
    "risk_check",
    "place_orders",
    "record_cycle",
]


async def test_a_cycle_that_trades_is_written_down_from_its_signals_to_its_fills(desk):
    state = await desk.scan("trader")

    record = await desk.installation.record("trader")
    assert (state.name, state.is_completed()) == ("Traded", True)
    assert state.message == "trader 2026-01-14T15:00:00Z: traded, 1 orders"
    assert record.state is CycleState.TRADED
    assert {signal.instrument for signal in record.decision.signals} == {"EUR/USD", "USD/JPY"}
    assert [order.state for order in record.orders] == [OrderState.FILLED]
    assert list(record.durations) == TASKS[:-1]  # the last one writes them down
    [fill] = await desk.installation.ledger.fills("trader")
    assert fill.client_order_id == record.decision.intents[0].client_order_id
    assert [position.quantity for position in await desk.installation.ledger.positions("trader")] == [fill.quantity]


async def test_people_are_told_of_orders_and_not_of_a_cycle_without_any(desk):
    await desk.scan("trader")
    await desk.scan("holder")
    assert [message.title for message in desk.installation.told] == ["trader: 1 order"]


async def test_a_cycle_that_holds_keeps_the_reason_of_every_instrument(desk):
    state = await desk.scan("holder")
    record = await desk.installation.record("holder")
    assert state.name == "Held"
    assert record.state is CycleState.HELD
    assert {passed.instrument: str(passed.reason) for passed in record.decision.no_trades} == {
        "EUR/USD": "BELOW_THRESHOLD",
        "USD/JPY": "NO_SIGNAL",
    }
    assert record.orders == ()


async def test_a_dry_run_decides_as_much_and_sends_nothing(desk):
    state = await desk.scan("planner")
    record = await desk.installation.record("planner")
    assert state.name == "Held"
    assert [order.state for order in record.orders] == [OrderState.CANCELLED]
    assert await desk.installation.ledger.fills("planner") == ()


async def test_a_second_run_of_a_finished_cycle_returns_its_record_and_does_nothing(desk):
    await desk.scan("trader")
    first, told = await desk.installation.record("trader"), list(desk.installation.told)
    before = await desk.installation.ledger.digest()

    state = await desk.scan("trader")

    assert state.name == "Traded"
    assert await desk.installation.record("trader") == first
    assert desk.installation.told == told
    assert await desk.installation.ledger.digest() == before


async def test_an_account_never_acts_on_a_candle_that_is_older_than_its_last(desk):
    await desk.scan("trader", at=CLOSE + timedelta(minutes=5, seconds=5))

    state = await desk.scan("trader", at=CLOSE + timedelta(seconds=5))

    assert state.name == "SkippedStale"
    record = await desk.installation.record("trader")
    assert record.state is CycleState.SKIPPED_STALE
    assert record.detail == f"the account has acted on the candle of {CLOSE + timedelta(minutes=5):%Y-%m-%d %H:%M} UTC"
    assert record.snapshot is None


async def test_run_and_tasks_are_named_by_account_and_candle(desk):
    run = await desk.run(await desk.deployed_run("trader"))

    chosen = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
    tasks = await eventually(lambda: desk.client.read_task_runs(flow_run_filter=chosen), lambda found: len(found) == 9)
    assert run.name == "trader 2026-01-14T15:00:00Z"
    assert {task.name for task in tasks} == {f"{name} · {run.name}" for name in (*TASKS, "notify")}


async def test_the_run_shows_a_table_of_decisions_and_a_summary(desk):
    run = await desk.run(await desk.deployed_run("trader"))

    mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    artifacts = {artifact.key: artifact for artifact in await desk.client.read_artifacts(artifact_filter=mine)}

    assert {key: artifact.type for key, artifact in artifacts.items()} == {
        "scan-trader-decisions": "table",
        "scan-trader-summary": "markdown",
    }
    assert "sell" in artifacts["scan-trader-decisions"].data or "buy" in artifacts["scan-trader-decisions"].data
    assert artifacts["scan-trader-summary"].data.startswith("# trader\n")


async def test_a_feed_that_fails_ends_the_cycle_as_no_trade_with_its_words_and_the_next_one_runs(desk):
    desk.installation.sabotage("trader", task="take_snapshot", error=ConnectionError("the line is dead"))

    failed = await desk.scan("trader")
    record = await desk.installation.record("trader")
    desk.installation.repair("trader")
    later = CLOSE + timedelta(minutes=5)
    next_one = await desk.scan("trader", later)

    assert failed.is_failed()
    assert (record.state, record.detail) == (CycleState.NO_TRADE, "ConnectionError: the line is dead")
    assert (await desk.installation.record("trader")).state is CycleState.NO_TRADE
    assert next_one.is_completed()
    [told, *_] = desk.installation.told
    assert (told.title, told.severity) == ("trader: scan failed", "error")
    assert "the line is dead" in told.body


async def test_a_cycle_that_failed_before_its_decision_is_decided_by_the_next_run_of_it(desk):
    desk.installation.sabotage("trader", task="take_snapshot", error=ConnectionError("the line is dead"))
    await desk.scan("trader")
    desk.installation.repair("trader")
    assert (await desk.scan("trader")).name == "Traded"
    assert (await desk.installation.record("trader")).detail == ""


async def test_a_venue_that_comes_back_within_the_retries_costs_nothing(desk):
    broken = desk.installation.sabotage("trader", task="take_snapshot", error=VenueUnavailable("oanda", "quotes"))
    broken.times = 1
    assert (await desk.scan("trader")).name == "Traded"


async def test_a_run_that_fails_after_its_orders_carries_them_out_once_when_it_is_retried(desk):
    desk.installation.sabotage("trader", task="record_cycle", error=ConnectionError("the line is dead"))
    run_id = await desk.deployed_run("trader")
    failed = await desk.run(run_id)
    broken = await desk.installation.record("trader")
    sent = await desk.installation.ledger.orders("trader")
    desk.installation.repair("trader")

    retried = await desk.retry(run_id)

    assert failed.state.is_failed()
    assert broken.state is CycleState.FAILED
    assert broken.detail.endswith("ConnectionError: the line is dead")
    assert retried.state.name == "Traded"
    assert await desk.installation.ledger.orders("trader") == sent
    assert len(sent) == len(await desk.installation.ledger.fills("trader")) == 1
    assert (await desk.installation.record("trader")).decision == broken.decision


async def test_a_run_that_could_not_tell_anybody_only_tells_when_it_is_retried(desk):
    desk.installation.notifier.fails = ConnectionError("no telegram")
    run_id = await desk.deployed_run("trader")
    failed = await desk.run(run_id)
    record = await desk.installation.record("trader")
    desk.installation.notifier.fails = None

    retried = await desk.retry(run_id)

    assert failed.state.is_failed()
    assert record.state is CycleState.TRADED
    assert retried.state.name == "Traded"
    assert await desk.installation.record("trader") == record
    assert [message.title for message in desk.installation.told] == ["trader: 1 order"]


async def test_a_run_that_starts_too_late_for_its_candle_is_skipped_and_says_so(desk):
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    run = await desk.run(await desk.deployed_run("trader", None, scheduled_for=long_ago))

    [cycle] = await desk.installation.ledger.cycles("trader")
    assert run.state.name == "SkippedStale"
    assert cycle.state is CycleState.SKIPPED_STALE
    assert cycle.key.candle_close <= long_ago
    assert cycle.detail.startswith("the candle closed ")
    assert desk.installation.told == []


async def test_an_account_that_another_run_holds_is_left_alone(desk):
    now = datetime.now(UTC)
    lease = await desk.installation.ledger.acquire_lease("trader", "another-run", now, LEASE_FOR, venue="oanda")

    busy = await desk.scan("trader")

    assert (busy.name, busy.is_cancelled()) == ("AccountBusy", True)
    assert await desk.installation.ledger.cycle(CycleKey("trader", CLOSE)) is None
    assert desk.installation.told == []
    await desk.installation.ledger.release_lease(lease)
    assert (await desk.scan("trader")).name == "Traded"


async def test_a_run_gives_its_account_back_also_when_it_fails(desk):
    desk.installation.sabotage("trader", task="repair_books", error=ConnectionError("the line is dead"))
    await desk.scan("trader")
    now = datetime.now(UTC)
    assert await desk.installation.ledger.acquire_lease("trader", "next", now, LEASE_FOR, venue="oanda")


async def test_an_unknown_account_fails_with_the_nearest_name_and_leaves_no_cycle(desk):
    state = await desk.scan("tradr")
    assert state.is_failed()
    assert "found 'tradr'" in state.message
    assert "'trader'" in state.message
    assert await desk.installation.ledger.cycles() == ()
    [told] = desk.installation.told
    assert told.title == "tradr: scan failed"


async def test_results_for_a_retry_are_kept_below_the_home_of_the_installation(desk):
    run_id = await desk.deployed_run("trader")
    await desk.run(run_id)
    kept = {path.name for path in (desk.installation.home / "results" / "scans" / str(run_id)).iterdir()}
    assert kept == {"fetch_candles", "place_orders"}


async def test_what_a_scan_logs_names_its_account_and_cycle(desk):
    keep_logs(settings())
    await desk.scan("trader")
    logged = list(newest_first(log_file(settings().home), Wanted(account="trader", cycle="2026-01-14T15:00:00Z")))
    stages = [line.facts["stage"] for line in reversed(logged) if line.event == "stage ended"]
    [ended] = [line for line in logged if line.event == "cycle ended"]
    assert stages[: len(TASKS)] == TASKS
    assert (ended.facts["state"], ended.facts["orders"]) == ("traded", 1)
