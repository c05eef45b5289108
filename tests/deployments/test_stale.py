from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from prefect.client.schemas.objects import FlowRun

from deployments.stale import Punctuality, stale_runs

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
DEPLOYMENT = uuid4()
MINUTE = timedelta(minutes=1)
PATIENT = Punctuality(late_after=None, paused=False)
STRICT = Punctuality(late_after=MINUTE, paused=False)


def run_due(ago: timedelta, *, deployment: UUID = DEPLOYMENT, auto: bool = True, attempts: int = 0) -> FlowRun:
    return FlowRun(
        flow_id=uuid4(),
        deployment_id=deployment,
        auto_scheduled=auto,
        run_count=attempts,
        expected_start_time=NOW - ago,
    )


def skipped(runs: list[FlowRun], terms: Punctuality = STRICT) -> list[UUID]:
    return [stale.flow_run.id for stale in stale_runs(runs, {DEPLOYMENT: terms}, NOW)]


def test_a_run_that_is_too_late_is_stale_and_one_just_in_time_is_not():
    late, in_time = run_due(MINUTE + timedelta(seconds=1)), run_due(MINUTE)

    assert skipped([late]) == [late.id]
    assert skipped([in_time]) == []


def test_without_a_limit_a_run_is_never_too_late():
    assert skipped([run_due(timedelta(days=3))], PATIENT) == []


def test_after_an_outage_only_the_newest_run_is_left_and_the_others_come_oldest_first():
    runs = [run_due(minutes * timedelta(seconds=10)) for minutes in (1, 4, 2, 3)]

    assert skipped(runs, PATIENT) == [runs[1].id, runs[3].id, runs[2].id]


def test_a_run_of_the_future_does_not_make_the_present_one_stale():
    assert skipped([run_due(timedelta(seconds=1)), run_due(-timedelta(seconds=4))]) == []


def test_what_a_person_asked_for_is_never_stale():
    assert skipped([run_due(timedelta(days=1), auto=False), run_due(timedelta(days=1), attempts=1)]) == []


def test_late_runs_of_a_paused_deployment_are_stale():
    run = run_due(timedelta(seconds=1))

    assert skipped([run], Punctuality(late_after=None, paused=True)) == [run.id]


def test_a_run_of_an_unknown_deployment_is_left_alone():
    assert skipped([run_due(timedelta(days=1), deployment=uuid4())]) == []


@given(st.lists(st.integers(min_value=-300, max_value=3_000), max_size=30), st.integers(min_value=0, max_value=600))
def test_at_most_one_overdue_run_of_a_deployment_is_left_and_it_is_the_newest(seconds, limit):
    runs = [run_due(timedelta(seconds=ago)) for ago in seconds]
    gone = set(skipped(runs, Punctuality(late_after=timedelta(seconds=limit), paused=False)))

    left = [run for run in runs if run.id not in gone and run.expected_start_time <= NOW]
    overdue = [run.expected_start_time for run in runs if run.expected_start_time <= NOW]
    assert len(left) <= 1
    assert all(run.expected_start_time == max(overdue) for run in left)
    assert all(NOW - run.expected_start_time <= timedelta(seconds=limit) for run in left)
