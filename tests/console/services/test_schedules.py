"""What Prefect says of the schedule of an account."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from console.services.schedules import AtPrefect, ScheduleFound, find_schedule

NOW = datetime(2026, 1, 14, 15, 2, tzinfo=UTC)
RUNNING = {"id": "7", "paused": False, "schedules": [{"active": True}]}
PLANNED = [{"next_scheduled_start_time": "2026-01-14T15:05:05Z"}]


def found(deployment: object, runs: object = PLANNED, *, status: int = 200) -> ScheduleFound:
    """Ask a Prefect that has this."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            assert request.url.path == "/api/deployments/name/scan/sample"
            return httpx.Response(status, json=deployment)
        asked = json.loads(request.content)
        assert (asked["deployments"], asked["limit"]) == ({"id": {"any_": ["7"]}}, 1)
        return httpx.Response(200, json=runs)

    return asyncio.run(find_schedule("http://prefect/api", "sample", transport=httpx.MockTransport(reply)))


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (lambda: found(RUNNING), "The schedule runs, next at 15:05."),
        (lambda: found(RUNNING, []), "The schedule runs; no run is planned yet."),
        (lambda: found({**RUNNING, "paused": True}), "The schedule is paused."),
        (lambda: found({**RUNNING, "schedules": [{"active": False}]}), "The schedule is paused."),
        (lambda: found({}, status=404), "There is no deployment: nothing scans it."),
    ],
)
def test_what_holds_is_one_sentence(one, told: str):
    assert one().told(NOW) == told


@pytest.mark.parametrize(("deployment", "status"), [({}, 500), ({"id": "7"}, 200)])
def test_a_server_that_does_not_answer_is_told_and_not_raised(deployment: object, status: int):
    one = found(deployment, status=status)
    assert one.state is AtPrefect.UNKNOWN
    assert one.told(NOW) == "Prefect does not answer: whether the schedule runs is not known."
    assert one.problem.startswith("expected Prefect's API at http://prefect/api, found ")


@pytest.mark.parametrize(
    ("state", "is_active", "buttons"),
    [
        (AtPrefect.RUNS, True, (False, True)),
        (AtPrefect.RUNS, False, (True, True)),
        (AtPrefect.PAUSED, True, (True, True)),
        (AtPrefect.PAUSED, False, (True, False)),
        (AtPrefect.MISSING, True, (True, True)),
        (AtPrefect.MISSING, False, (True, False)),
        (AtPrefect.UNKNOWN, True, (True, True)),
        (AtPrefect.UNKNOWN, False, (True, True)),
    ],
)
def test_a_button_that_would_change_neither_file_nor_server_is_of_no_use(
    state: AtPrefect, is_active: bool, buttons: tuple[bool, bool]
):
    one = ScheduleFound(state)
    assert (one.can_start(is_active=is_active), one.can_stop(is_active=is_active)) == buttons
