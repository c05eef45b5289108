from collections.abc import Iterable
from http import HTTPStatus

import pytest

from console.api.gate import COOKIE
from console.api.limits import Limits
from desk.adapters.clocks import FixedClock, SystemClock
from desk.adapters.settings import Settings
from desk.model.access import Rights, Visitor
from tests.builders import CLOSE
from tests.console.api.conftest import ORIGIN, Calls, token

READ, TRADE = token(Rights.READ), token(Rights.TRADE)
WRONG = {"authorization": "Bearer a guess"}
OK, UNAUTHORIZED, TOO_OFTEN = HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS


@pytest.fixture
async def few(calls: Calls) -> Calls:
    """A room in which time stands still, with three calls at once for who is known, and two for strangers."""
    calls.room.clock = FixedClock(SystemClock().now())
    calls.room.limits = Limits(Settings(api_calls_per_minute=6, api_strangers_per_minute=4))
    return calls


async def statuses(calls: Calls, path: str, times: int, headers: dict[str, str] | None = None) -> list[int]:
    return [(await calls.client.get(path, headers=headers)).status_code for _ in range(times)]


async def test_one_call_too_many_is_told_when_to_call_again(few: Calls):
    assert await statuses(few, "/api/accounts", 3, READ) == [OK] * 3
    refused = await few.client.get("/api/accounts", headers=READ)
    assert (refused.status_code, refused.headers["retry-after"]) == (TOO_OFTEN, "20")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("expected fewer calls")
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert await statuses(few, "/api/accounts", 1, TRADE) == [OK]


@pytest.mark.parametrize("path", ["/metrics", "/freqtrade/sample/api/v1/ping", "/api/openapi.json", "/api/nothing"])
async def test_every_address_counts(few: Calls, path: str):
    await statuses(few, path, 3, READ)
    assert await statuses(few, "/api/session", 1, READ) == [TOO_OFTEN]


async def test_wrong_tokens_count_against_their_address_and_not_against_who_has_a_right_one(few: Calls):
    assert await statuses(few, "/api/accounts", 3, WRONG) == [UNAUTHORIZED, UNAUTHORIZED, TOO_OFTEN]
    assert await statuses(few, "/api/accounts", 1, READ) == [OK]


async def test_whoever_watches_is_answered_whatever_strangers_do(few: Calls):
    await statuses(few, "/api/accounts", 9, WRONG)
    assert await statuses(few, "/healthz", 9) == [OK] * 9
    assert await statuses(few, "/readyz", 3, READ) == [OK, OK, TOO_OFTEN]


async def test_the_door_is_open_to_whom_pages_belong_that_ask_with_a_session_that_is_over(few: Calls):
    await statuses(few, "/api/accounts", 9, {"cookie": f"{COOKIE}=over"})
    assert await statuses(few, "/login", 3) == [OK, OK, TOO_OFTEN]


async def test_each_session_of_a_browser_has_its_own_limit(few: Calls):
    headers = await few.log_in()
    assert await statuses(few, "/api/session", 3) == [OK, OK, TOO_OFTEN]
    assert (await few.client.post("/api/halt", json={}, headers=headers)).status_code == TOO_OFTEN
    assert await statuses(few, "/api/session", 1, {**READ, **ORIGIN}) == [OK]


def refused(addresses: Iterable[str]) -> list[bool]:
    limits = Limits(Settings(api_strangers_per_minute=2))
    return [limits.refusal(None, address, "/login", CLOSE) is not None for address in addresses]


def test_the_addresses_of_one_network_of_the_new_kind_count_as_one():
    assert refused(["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]) == [False, True, False]
    assert refused(["::ffff:192.0.2.1", "::ffff:192.0.2.2", "192.0.2.1", "not an address"]) == [
        False,
        False,
        True,
        False,
    ]


def test_a_token_is_not_taken_for_a_session_of_its_name():
    limits = Limits(Settings(api_calls_per_minute=2))
    session, program = Visitor("ana", Rights.READ, "token ben"), Visitor("ana", Rights.READ)
    assert [limits.refusal(one, "", "/", CLOSE) is None for one in (session, program)] == [True, True]


async def test_the_document_says_of_every_operation_that_it_may_be_asked_too_often(calls: Calls):
    document = (await calls.client.get("/api/openapi.json", headers=READ)).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "429" in operation["responses"], (method, path)
    told = document["paths"]["/freqtrade/{name}/api/v1/ping"]["get"]["responses"]["429"]
    assert "Retry-After" in told["headers"]
    assert "application/problem+json" in told["content"]
