"""The meter sees every request that leaves: retries, and what a signature asks on its own."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import OutcomeUnknown, RateLimited, VenueUnavailable

READ = Request("GET", "/orders", "orders")
ORDER = Request("POST", "/orders", "order sd-1", json={})


class Book:
    """A meter that writes everything down, and admits so many calls."""

    def __init__(self, admits=99):
        self.admits = admits
        self.counted = []
        self.pauses = []

    async def admit(self, endpoint):
        if len(self.counted) >= self.admits:
            raise RateLimited("fake", endpoint, "BUDGET_EMPTY", "used up", retry_after=timedelta(minutes=5))

    def count(self, endpoint, status):
        self.counted.append((endpoint, status))

    async def pause(self, endpoint, status, length, why):
        self.pauses.append((endpoint, status, length, why))


class AsksForTheTime(httpx.Auth):
    """Asks the venue something of its own before the request, as some signatures do."""

    def auth_flow(self, request):
        yield httpx.Request("GET", request.url.join("/time"))
        yield request


async def no_sleep(_seconds):
    return None


def session(meter, *answers, auth=None):
    left = list(answers)

    def answer(_request):
        told = left.pop(0)
        if isinstance(told, Exception):
            raise told
        return told

    return VenueSession(
        "fake",
        "http://venue.test",
        errors=lambda *_: None,
        auth=auth,
        transport=httpx.MockTransport(answer),
        retries=Retries(sleep=no_sleep),
        clock=FixedClock(datetime(2026, 1, 14, 15, 0, tzinfo=UTC)),
        meter=meter,
    )


def ok():
    return httpx.Response(200, json={})


async def test_every_attempt_is_counted_with_what_became_of_it():
    meter = Book()
    async with session(meter, httpx.ReadTimeout("slow"), httpx.Response(503), ok()) as fake:
        await fake.read(READ)
    assert meter.counted == [("GET orders", None), ("GET orders", 503), ("GET orders", 200)]


async def test_a_request_that_belongs_to_the_signature_is_counted_too():
    meter = Book()
    async with session(meter, ok(), ok(), auth=AsksForTheTime()) as fake:
        await fake.write(ORDER)
    assert meter.counted == [("GET time", 200), ("POST orders", 200)]


async def test_a_retry_does_not_leave_once_the_meter_refuses():
    meter = Book(admits=2)
    async with session(meter, httpx.Response(503), httpx.Response(503), ok()) as fake:
        with pytest.raises(RateLimited) as told:
            await fake.read(READ)
    assert told.value.retry_after == timedelta(minutes=5)
    assert len(meter.counted) == 2


async def test_a_write_that_the_meter_refuses_is_not_an_unknown_outcome():
    async with session(Book(admits=0)) as fake:
        with pytest.raises(RateLimited):
            await fake.write(ORDER)


async def test_a_write_whose_answer_is_lost_is_counted_and_stays_unknown():
    meter = Book()
    async with session(meter, httpx.RemoteProtocolError("half a reply")) as fake:
        with pytest.raises(OutcomeUnknown):
            await fake.write(ORDER)
    assert meter.counted == [("POST orders", None)]


async def test_a_pause_that_the_venue_orders_is_told_and_other_errors_are_none():
    meter = Book()
    async with session(meter, httpx.Response(429, headers={"Retry-After": "300"})) as fake:
        with pytest.raises(RateLimited):
            await fake.read(READ)
    assert meter.pauses == [("GET orders", 429, timedelta(minutes=5), "429")]
    other = Book()
    async with session(other, *[httpx.Response(500)] * 4) as fake:
        with pytest.raises(VenueUnavailable):
            await fake.read(READ)
    assert other.pauses == []
