"""How each part of the desk is, since when, and what to do about it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from console.services.health.accounts import accounts_health
from console.services.health.components import Component, Health, worst_of
from console.services.health.prefect import prefect_health
from console.services.health.survey import Survey
from console.services.health.venues import venues_health
from console.services.in_force import find_in_force
from console.services.opening import OpenDesk
from console.services.standings import FleetStanding, Standing, fleet_standing, overdue_since, tell_overdue
from desk.adapters.budget.facts import CallCount, Pause, Scope
from desk.adapters.budget.usage import Usage
from desk.adapters.settings import settings
from tests.builders import CLOSE
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import failed, traded
from tests.console.test_messages import given_up

SECONDS = timedelta(seconds=1)
PRACTICE = Scope("oanda", "practice")


class MovedClock:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.time = at

    def now(self) -> datetime:
        return self.time

    def shown_at(self, wall: datetime) -> datetime:
        return wall


def usage(*, pauses: tuple[Pause, ...] = (), hours_ago: int = 0, **counted: int) -> Usage:
    hour = CLOSE - timedelta(hours=hours_ago)
    count = CallCount(
        replace(PRACTICE, credential="main"),
        "orders",
        hour,
        **{"calls": 10, "errors": 0, "limited": 0, "refused": 0, **counted},
        last_at=CLOSE,
    )
    return Usage(CLOSE, (count,), (), pauses)


def standing_of(ask: Ask[FleetStanding], name: str = "sample") -> Standing:
    found = ask(fleet_standing)
    return next(one for one in found.accounts if one.spec.name == name)


def test_a_scan_is_missed_once_its_time_and_some_minutes_are_over(ask: Ask[FleetStanding], fill: Fill):
    fill(traded)
    standing, due = standing_of(ask), CLOSE + timedelta(minutes=5, seconds=5)
    assert standing.cycle is not None
    assert standing.cycle.started_at == CLOSE + 3 * SECONDS
    assert overdue_since(standing, due + timedelta(minutes=3) - SECONDS) is None
    assert tell_overdue(None) == ""
    assert overdue_since(standing, due + timedelta(minutes=3)) == due
    assert tell_overdue(due) == "a scan was due at 2026-01-14 15:05 UTC, and none has begun"


def test_accounts_that_are_not_scanned_miss_nothing(ask: Ask[FleetStanding], fill: Fill):
    fill(traded)
    found = ask(fleet_standing)
    told = {part.name: part for part in accounts_health(found, CLOSE + timedelta(days=1)).parts}
    assert (told["fresh"].health, told["resting"].health) == (Health.UNKNOWN, Health.NOT_THERE)
    assert told["sample"].health is Health.FAILING
    assert told["sample"].since == CLOSE + timedelta(days=1, seconds=5) - timedelta(minutes=5)


def test_a_scan_that_failed_is_told_with_its_reason(ask: Ask[FleetStanding], fill: Fill):
    fill(failed)
    whole = accounts_health(ask(fleet_standing), CLOSE)
    [sample] = [part for part in whole.parts if part.name == "sample"]
    assert (whole.health, sample.health) == (Health.FAILING, Health.FAILING)
    assert "no answer" in sample.message
    assert whole.message == "0 of 2 are scanned as they should be, 1 were never scanned, 1 need a look"


@pytest.mark.parametrize(
    ("counted", "health"),
    [
        ({}, Health.OK),
        ({"errors": 1}, Health.WARNING),
        ({"refused": 1}, Health.WARNING),
        ({"errors": 5}, Health.FAILING),
        ({"errors": 10, "hours_ago": 1}, Health.OK),
    ],
)
def test_a_venue_is_as_its_calls_of_this_hour_were(counted: dict[str, int], health: Health):
    [venue] = venues_health(usage(**counted)).parts
    assert (venue.name, venue.health) == ("oanda practice", health)


def test_a_venue_that_ordered_silence_is_failing_since_then():
    pause = Pause(PRACTICE, CLOSE - SECONDS, CLOSE + timedelta(minutes=1), 429, "orders")
    [venue] = venues_health(usage(pauses=(pause,))).parts
    assert (venue.health, venue.since) == (Health.FAILING, pause.since)
    assert "429" in venue.message


def prefect(workers: list[dict[str, object]] | None, *, scheduled: int = 9, late: int = 0) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/workers/filter"):
            return httpx.Response(404) if workers is None else httpx.Response(200, json=workers)
        if request.url.path.endswith("/count"):
            return httpx.Response(200, json=late if b"Late" in request.content else scheduled)
        return httpx.Response(200, json=True)

    return httpx.MockTransport(answer)


ALIVE = {"name": "desk", "status": "ONLINE", "last_heartbeat_time": "2026-01-14T15:00:00Z"}
DEAD = {**ALIVE, "status": "OFFLINE"}


@pytest.mark.parametrize(
    ("transport", "workers", "scheduler"),
    [
        (prefect([ALIVE, DEAD]), Health.OK, Health.OK),
        (prefect([DEAD]), Health.FAILING, Health.OK),
        (prefect([]), Health.FAILING, Health.OK),
        (prefect(None), Health.FAILING, Health.OK),
        (prefect([ALIVE], late=2), Health.OK, Health.WARNING),
        (prefect([ALIVE], scheduled=0), Health.OK, Health.WARNING),
    ],
)
async def test_workers_and_scheduler_are_as_the_server_says(
    transport: httpx.MockTransport, workers: Health, scheduler: Health
):
    found = await prefect_health("http://prefect/api", transport=transport)
    assert [one.health for one in found] == [Health.OK, workers, scheduler]


async def test_a_worker_that_died_is_told_with_its_last_sign_of_life():
    [_, workers, _] = await prefect_health("http://prefect/api", transport=prefect([DEAD]))
    assert workers.since == datetime.fromisoformat("2026-01-14T15:00:00Z")


async def test_a_server_that_does_not_answer_is_told_and_not_raised():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    found = await prefect_health("http://prefect/api", transport=httpx.MockTransport(refuse))
    assert [one.health for one in found] == [Health.FAILING, Health.UNKNOWN, Health.UNKNOWN]
    assert "desk up" in found[0].message


def test_a_part_keeps_since_when_it_is_so_and_is_looked_at_once_in_a_while(ask: Ask[None], fill: Fill):
    clock, health, looks = MovedClock(CLOSE), [Health.OK], []

    async def asked() -> tuple[Component, ...]:
        looks.append(clock.now())
        return (Component("prefect_server", health[0], ""),)

    async def look(desk: OpenDesk) -> None:
        survey = Survey(settings(), lambda: find_in_force(settings()), clock, asked)
        for found in await asyncio.gather(*(survey.look(desk.ledger) for _ in range(3))):
            assert found.component("prefect_server").since == CLOSE
        clock.time = CLOSE + 4 * SECONDS
        await survey.look(desk.ledger)
        assert len(looks) == 1
        clock.time = CLOSE + 60 * SECONDS
        assert (await survey.look(desk.ledger)).component("prefect_server").since == CLOSE
        health[0], clock.time = Health.FAILING, CLOSE + 120 * SECONDS
        found = await survey.look(desk.ledger)
        assert (found.health, found.component("prefect_server").since) == (Health.FAILING, clock.time)
        assert found.component("news").health is Health.NOT_THERE
        assert [one.name for one in found.troubles] == ["prefect_server"]

    fill(traded)
    ask(look)


def test_the_worst_part_decides_and_what_is_not_there_is_no_trouble():
    parts = [Component("", health, "") for health in Health]
    assert worst_of(parts) is Health.FAILING
    assert worst_of([Component("", Health.NOT_THERE, "")]).severity == 0
    assert worst_of([]) is Health.OK


def test_messages_that_nobody_took_are_told(ask: Ask[None], fill: Fill):
    async def nobody() -> tuple[Component, ...]:
        return ()

    async def look(desk: OpenDesk) -> None:
        survey = Survey(settings(), lambda: find_in_force(settings()), MovedClock(CLOSE), nobody)
        notifier = (await survey.look(desk.ledger)).component("notifier")
        assert (notifier.health, "1 given up" in notifier.message) == (Health.WARNING, True)

    fill(given_up("no route"))
    ask(look)


def test_an_account_is_told_with_its_next_run_unless_it_is_off(ask: Ask[FleetStanding], fill: Fill):
    fill(traded)
    sample, fresh, resting = ask(fleet_standing).accounts
    assert sample.next_run is not None
    assert (sample.next_run - 5 * SECONDS).minute % 5 == 0
    assert fresh.next_run is not None
    assert (fresh.next_run.minute % 5, fresh.next_run.second) == (0, 0)
    assert resting.next_run is None
