from datetime import UTC, datetime, timedelta
from uuid import uuid4

from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelling, Pending, Running, State

from deployments.reaper import infrastructure_id, is_orphan

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
AT_ONCE = timedelta(0)
LATER = timedelta(seconds=60)


def a_run(state: State, *, seconds_ago: float = 5, pid: str | None = None, label: str | None = None) -> FlowRun:
    return FlowRun(
        flow_id=uuid4(),
        state=state.model_copy(update={"timestamp": NOW - timedelta(seconds=seconds_ago)}),
        infrastructure_pid=pid,
        labels={"prefect.worker.name": label} if label else {},
    )


def orphaned(run: FlowRun, *, settled_for: timedelta = AT_ONCE, executing: tuple = ()) -> bool:
    return is_orphan(run, worker="desk-1", executing=executing, now=NOW, settled_for=settled_for)


def test_a_run_of_a_dead_process_of_this_name_is_an_orphan_at_once():
    for state in (Running(), Pending(), Cancelling()):
        assert orphaned(a_run(state, pid=infrastructure_id("desk-1", 4711)))


def test_a_run_that_is_executed_here_is_not():
    run = a_run(Running(), pid=infrastructure_id("desk-1", 4711))

    assert not orphaned(run, executing=(run.id,))


def test_a_run_of_another_worker_is_not_even_if_the_names_begin_alike():
    for name in ("desk-2", "desk", "desk-1:b", "desk-10"):
        assert not orphaned(a_run(Running(), pid=infrastructure_id(name, 4711), seconds_ago=9999))


def test_a_run_that_was_labelled_but_not_begun_belongs_to_the_worker_of_the_label():
    assert orphaned(a_run(Pending(), label="desk-1"))
    assert not orphaned(a_run(Pending(), label="desk-2", seconds_ago=9999))


def test_while_the_worker_lives_its_runs_have_time_to_settle():
    pid = infrastructure_id("desk-1", 4711)

    assert not orphaned(a_run(Running(), pid=pid, seconds_ago=59), settled_for=LATER)
    assert orphaned(a_run(Running(), pid=pid, seconds_ago=60), settled_for=LATER)


def test_a_pending_run_without_any_trace_is_an_orphan_after_a_minute():
    assert not orphaned(a_run(Pending(), seconds_ago=59))
    assert orphaned(a_run(Pending(), seconds_ago=60))
    assert not orphaned(a_run(Running(), seconds_ago=9999))
