"""The venue session: reads are patient, writes are sent once, errors mean the same for every venue."""

import traceback
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.reply import Reply
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import (
    AccessDenied,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
    VenueUnavailable,
)

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
READ = Request("GET", "/thing", "thing")
ORDER = Request("POST", "/order", "order sd-1", json={"size": "1"})


class Venue:
    """Answers with what it was given, in turn, the last one for ever; counts the requests."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = Counter()

    def __call__(self, request):
        self.seen[request.method] += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Sleeper:
    def __init__(self):
        self.pauses = []

    async def __call__(self, seconds):
        self.pauses.append(seconds)


def read_errors(reply: Reply, request: str) -> VenueError | None:
    if reply.status == 400:
        return InvalidOrder("fake", request, "BAD", "the venue's words")
    return None


def session(venue, sleeper=None, **options):
    retries = Retries(sleep=sleeper or Sleeper(), jitter=lambda: 1.0)
    return VenueSession(
        "fake",
        "http://venue.test",
        errors=read_errors,
        transport=httpx.MockTransport(venue),
        retries=retries,
        clock=FixedClock(NOW),
        **options,
    )


def answer(status=200, text="{}", **headers):
    return httpx.Response(status, text=text, headers=headers)


async def test_numbers_that_are_not_whole_arrive_as_exact_decimals():
    async with session(Venue(answer(text='{"price": 1.10, "count": 3}'))) as fake:
        assert await fake.read(READ) == {"price": Decimal("1.10"), "count": 3}


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("half a reply"),
        answer(500, "oops"),
        answer(503, "maintenance"),
        answer(200, '{"half": '),
        answer(200, "<html>gateway</html>"),
    ],
    ids=str,
)
async def test_a_read_is_tried_again_until_the_venue_answers(failure):
    venue, sleeper = Venue(failure, failure, answer(text="[1]")), Sleeper()
    async with session(venue, sleeper) as fake:
        assert await fake.read(READ) == [1]
    assert venue.seen["GET"] == 3
    assert sleeper.pauses == [0.25, 0.5]


async def test_a_read_is_given_up_after_the_last_attempt():
    venue = Venue(answer(502, "bad gateway"))
    async with session(venue) as fake:
        with pytest.raises(VenueUnavailable, match="fake: thing failed \\[502\\]: bad gateway"):
            await fake.read(READ)
    assert venue.seen["GET"] == 4


@pytest.mark.parametrize(
    ("header", "pause"), [("3", 3.0), ("Wed, 14 Jan 2026 15:00:05 GMT", 5.0), ("nonsense", 1.0), (None, 1.0)]
)
async def test_a_read_waits_as_long_as_the_venue_asks(header, pause):
    headers = {"Retry-After": header} if header else {}
    venue, sleeper = Venue(answer(429, "slow down", **headers), answer()), Sleeper()
    async with session(venue, sleeper) as fake:
        await fake.read(READ)
    assert sleeper.pauses == [pause]


async def test_a_venue_that_asks_for_too_much_patience_is_given_up_at_once():
    venue, sleeper = Venue(answer(418, "banned", **{"Retry-After": "120"})), Sleeper()
    async with session(venue, sleeper) as fake:
        with pytest.raises(RateLimited) as told:
            await fake.read(READ)
    assert told.value.retry_after == timedelta(seconds=120)
    assert (venue.seen["GET"], sleeper.pauses) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("half a reply"),
        answer(500, "oops"),
        answer(503, "status unknown"),
        answer(504, "gateway"),
        answer(200, '{"half": '),
        answer(302, "", Location="http://venue.test/elsewhere"),
        answer(404, "a proxy that knows no such path"),
    ],
    ids=str,
)
async def test_a_write_is_sent_once_and_whatever_is_not_a_definite_answer_is_unknown(failure):
    venue = Venue(failure)
    async with session(venue) as fake:
        with pytest.raises(OutcomeUnknown):
            await fake.write(ORDER)
    assert venue.seen["POST"] == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(400, "{}"), InvalidOrder),
        (answer(401, "who?"), AccessDenied),
        (answer(403, "no"), AccessDenied),
        (answer(429, "later"), RateLimited),
    ],
)
async def test_a_definite_no_to_a_write_is_told_as_what_it_is_and_never_repeated(reply, error):
    venue = Venue(reply)
    async with session(venue) as fake:
        with pytest.raises(error):
            await fake.write(ORDER)
    assert venue.seen["POST"] == 1


async def test_a_definite_error_of_a_read_is_not_tried_again():
    venue = Venue(answer(401, "who?"))
    async with session(venue) as fake:
        with pytest.raises(AccessDenied):
            await fake.read(READ)
    assert venue.seen["GET"] == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_page_of_a_firewall_says_nothing_about_the_key(status):
    page = answer(status, "\n<html><body>Request blocked</body></html>")
    async with session(Venue(page)) as fake:
        with pytest.raises(VenueUnavailable):
            await fake.read(READ)
        with pytest.raises(OutcomeUnknown):
            await fake.write(ORDER)


@pytest.mark.parametrize("send", ["read", "write", "lines"])
async def test_a_header_that_cannot_be_sent_is_not_quoted(send):
    venue = Venue(httpx.LocalProtocolError("Illegal header value b'Bearer canary'"))
    async with session(venue) as fake:
        sending = anext(fake.lines(READ)) if send == "lines" else getattr(fake, send)(READ)
        with pytest.raises(VenueError, match="LocalProtocolError") as told:
            await sending
    assert "canary" not in "".join(traceback.format_exception(told.value))


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_token_in_an_answer_that_is_no_content_is_not_quoted(status):
    def nothing(reply, request):
        return None

    wire = httpx.MockTransport(Venue(answer(status, '{"token":"canary"}')))
    async with VenueSession("fake", "http://venue.test", errors=nothing, transport=wire) as fake:
        with pytest.raises(VenueError, match='"token":"…"'):
            await fake.write(ORDER)


async def test_a_pause_that_a_venue_words_itself_has_the_same_limit():
    def patient(reply, request):
        return RateLimited("fake", request, "-1", "later", retry_after=timedelta(days=400))

    wire = httpx.MockTransport(Venue(answer(400)))
    async with VenueSession("fake", "http://venue.test", errors=patient, transport=wire) as fake:
        with pytest.raises(RateLimited) as told:
            await fake.write(ORDER)
    assert told.value.retry_after == timedelta(minutes=15)


class Time:
    """A signing time that is found wrong so many times."""

    def __init__(self, *wrong):
        self.wrong = list(wrong)
        self.offset = timedelta(0)
        self.asked = []

    async def was_wrong(self, offset, session):
        self.asked.append(offset)
        self.offset += timedelta(seconds=30)
        return self.wrong.pop(0)


async def test_a_read_that_was_denied_for_its_time_is_sent_again():
    venue, time = Venue(answer(401, "Unauthorized"), answer(text="[1]")), Time(True)
    async with session(venue, signing_time=time) as fake:
        assert await fake.read(READ) == [1]
    assert time.asked == [timedelta(0)]


async def test_a_denial_that_is_not_for_the_time_is_one():
    venue, time = Venue(answer(401, "Unauthorized")), Time(True, False)
    async with session(venue, signing_time=time) as fake:
        with pytest.raises(AccessDenied, match="Unauthorized"):
            await fake.read(READ)
    assert (venue.seen["GET"], time.asked) == (2, [timedelta(0), timedelta(seconds=30)])


async def test_a_write_that_was_denied_for_its_time_is_refused_and_not_sent_again():
    venue = Venue(answer(401, "Unauthorized"))
    async with session(venue, signing_time=Time(True)) as fake:
        with pytest.raises(OrderRefused, match="wrong time"):
            await fake.write(ORDER)
    assert venue.seen["POST"] == 1


async def test_a_write_that_was_denied_for_another_reason_is_denied():
    async with session(Venue(answer(403, "no")), signing_time=Time(False)) as fake:
        with pytest.raises(AccessDenied):
            await fake.write(ORDER)


async def test_what_is_not_signed_cannot_have_a_wrong_time():
    time = Time()
    async with session(Venue(answer(401, "no")), signing_time=time) as fake:
        with pytest.raises(AccessDenied):
            await fake.read(Request("GET", "/time", "the time", is_signed=False))
    assert time.asked == []
