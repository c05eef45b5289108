"""The fence: what opens a position does not leave after the lease, and everything else may."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from desk.adapters.venue_http.fence import fenced, note_lease_end
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import NotSent

ORDER = Request("POST", "/orders", "order sd-1", json={"size": "1"})
STOP = Request("POST", "/stops", "stop of sd-1", json={"size": "1"})
CANCEL = Request("DELETE", "/orders/1", "cancel sd-0")
LOOK = Request("GET", "/orders/1", "order sd-1")


class Venue:
    """Counts what arrives; meanwhile the lease may end."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.lease_ends_with = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen[f"{request.method} {request.url.path}"] += 1
        if request.method == self.lease_ends_with:
            end_lease()
        return httpx.Response(200, json={})


def end_lease() -> None:
    note_lease_end(datetime.now(UTC) - timedelta(milliseconds=1))


@pytest.fixture
def venue() -> Venue:
    return Venue()


@pytest.fixture
async def session(venue):
    async with VenueSession(
        "fake", "http://venue.test", errors=lambda *_: None, transport=httpx.MockTransport(venue)
    ) as opened:
        yield opened


async def test_an_order_that_opens_a_position_does_not_leave_after_the_lease(session, venue):
    end_lease()
    with fenced(), pytest.raises(NotSent, match=r"LEASE_OVER.*the process stood still"):
        await session.write(ORDER)
    assert not venue.seen


async def test_it_leaves_before_the_end_and_where_there_is_none(session, venue):
    for ends in (datetime.now(UTC) + timedelta(minutes=1), None):
        note_lease_end(ends)
        with fenced():
            await session.write(ORDER)
    assert venue.seen == {"POST /orders": 2}


async def test_what_reduces_a_position_leaves_at_any_time(session, venue):
    end_lease()
    await session.write(ORDER)
    await session.write(CANCEL)
    assert venue.seen.total() == 2


async def test_questions_are_asked_at_any_time(session, venue):
    end_lease()
    with fenced():
        await session.read(LOOK)
    assert venue.seen == {"GET /orders/1": 1}


async def test_what_protects_an_order_that_has_left_follows_it_although_the_lease_has_ended(session, venue):
    venue.lease_ends_with = "POST"
    with fenced():
        await session.write(ORDER)
        await session.write(STOP)
    assert venue.seen == {"POST /orders": 1, "POST /stops": 1}


async def test_a_lease_that_ends_while_something_is_tidied_up_before_the_order_keeps_the_order_back(session, venue):
    venue.lease_ends_with = "DELETE"
    with fenced():
        await session.write(CANCEL)
        with pytest.raises(NotSent):
            await session.write(ORDER)
    assert venue.seen == {"DELETE /orders/1": 1}


async def test_the_fence_ends_with_its_context(session, venue):
    with fenced():
        pass
    end_lease()
    await session.write(ORDER)
    assert venue.seen == {"POST /orders": 1}
