from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from console.api.attempts import Attempts
from console.api.entering import inside
from console.api.gate import COOKIE
from console.api.keys import OneTimeLink, digest_of
from console.api.passwords import is_password
from desk.adapters.clocks import FixedClock
from desk.model.access import Rights
from tests.builders import CLOSE
from tests.console.api.conftest import LINK, ORIGIN, Calls

PASSWORD = "correct horse battery"


@dataclass
class MovedClock:
    """A clock that a test moves."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def hashed() -> str:
    """A hash that costs little; what it costs is told in the hash."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def enter(calls: Calls, password: str = PASSWORD, *, name: str = "ben", to: str = "/", **headers: str) -> int:
    form = {"name": name, "password": password, "next": to}
    return (await calls.client.post("/login", data=form, headers={**ORIGIN, **headers})).status_code


async def test_the_link_of_the_start_lets_in_once(calls: Calls):
    entered = await calls.client.get("/login", params={"key": LINK})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert (await calls.client.get("/api/session")).json()["name"] == "ana"
    calls.client.cookies.clear()
    again = await calls.client.get("/login", params={"key": LINK})
    assert "used before" in again.text
    assert COOKIE not in calls.client.cookies


def test_the_link_lets_nobody_in_after_an_hour():
    clock = MovedClock(CLOSE)
    link = OneTimeLink("key", clock)
    clock.at = CLOSE + timedelta(hours=1)
    assert not link.take("key")


async def test_a_person_with_a_password_is_let_in_with_their_rights(calls: Calls, hashed: str):
    await calls.room.ledger.set_password("ben", hashed, Rights.READ, who="ana")
    assert await enter(calls) == 303
    session = (await calls.client.get("/api/session")).json()
    assert (session["name"], session["rights"]) == ("ben", "read")


async def test_another_name_or_password_lets_nobody_in(calls: Calls, hashed: str):
    await calls.room.ledger.set_password("ben", hashed, Rights.READ, who="ana")
    for name, password in (("ben", "another"), ("eve", PASSWORD), ("ben", "")):
        assert await enter(calls, password, name=name) in (401, 422)
        assert (await calls.client.get("/api/session")).status_code == 401


async def test_nobody_has_no_password():
    for guess in ("", PASSWORD, "the password of nobody"):
        assert not await is_password(guess, None)
        assert not await is_password(guess, "no hash at all")


async def test_after_five_wrong_passwords_the_right_one_has_to_wait(calls: Calls, hashed: str):
    await calls.room.ledger.set_password("ben", hashed, Rights.READ, who="ana")
    assert [await enter(calls, "wrong") for _ in range(5)] == [401] * 5
    assert await enter(calls) == 429
    assert (await calls.client.get("/login", params={"key": LINK})).status_code == 429


async def test_who_gets_in_may_come_again_as_often_as_they_like(calls: Calls, hashed: str):
    await calls.room.ledger.set_password("ben", hashed, Rights.READ, who="ana")
    assert [await enter(calls) for _ in range(6)] == [303] * 6


def test_attempts_are_forgotten_after_five_minutes_and_others_are_not_counted():
    clock = MovedClock(CLOSE)
    attempts = Attempts(clock)
    for _ in range(5):
        attempts.fail("1.1.1.1")
    assert attempts.patience("1.1.1.1") == timedelta(minutes=5)
    assert attempts.patience("2.2.2.2") == timedelta(0)
    clock.at = CLOSE + timedelta(minutes=5)
    assert attempts.patience("1.1.1.1") == timedelta(0)


def test_many_addresses_together_have_to_wait():
    attempts = Attempts(FixedClock(CLOSE))
    for number in range(50):
        attempts.fail(f"1.1.1.{number}")
    assert attempts.patience("2.2.2.2") == timedelta(minutes=5)


async def test_a_form_of_another_site_logs_nobody_in(calls: Calls, hashed: str):
    await calls.room.ledger.set_password("ben", hashed, Rights.READ, who="ana")
    assert await enter(calls, origin="https://elsewhere.example") == 403


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/account/sample", "/account/sample"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
        (f"/{'a' * 500}", "/"),
    ],
)
def test_who_logs_in_is_led_to_a_page_of_ours(target: str, place: str):
    assert inside(target) == place


async def test_who_logs_in_is_led_to_the_page_that_was_asked_for(calls: Calls):
    entered = await calls.client.get("/login", params={"key": LINK, "next": "/account/sample"})
    assert entered.headers["location"] == "/account/sample"


async def test_what_stands_in_the_address_is_not_run_by_the_page(calls: Calls):
    reply = await calls.client.get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>" not in reply.text
    assert "script-src" not in reply.headers["content-security-policy"]
    assert "default-src 'none'" in reply.headers["content-security-policy"]


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(calls: Calls):
    entered = await calls.client.get("/login", params={"key": LINK})
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_the_cookie_of_another_machine_goes_over_https_alone(calls: Calls):
    calls.room.hosts = frozenset()
    entered = await calls.client.get("/login", params={"key": LINK}, headers={"host": "desk.example"})
    assert "; secure" in entered.headers["set-cookie"].lower()


async def test_a_browser_without_a_session_is_sent_to_the_door(calls: Calls):
    reply = await calls.client.get("/account/sample", headers={"accept": "text/html"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/login?next=/account/sample")
    asked = {"account": "sample", "outcome": "open"}
    filtered = await calls.client.get("/trades", params=asked, headers={"accept": "text/html"})
    assert filtered.headers["location"] == "/login?next=/trades%3Faccount%3Dsample%26outcome%3Dopen"


async def test_no_key_and_no_password_is_kept(calls: Calls, hashed: str):
    await calls.room.ledger.set_password("ben", hashed, Rights.READ, who="ana")
    await enter(calls)
    cookie = calls.client.cookies[COOKIE]
    await calls.room.ledger.database.close()
    kept = b"".join(path.read_bytes() for path in calls.room.chosen.home.glob("desk.db*"))
    assert digest_of(cookie).encode() in kept
    for secret in (cookie, PASSWORD, LINK, "key-of-admin"):
        assert secret.encode() not in kept


async def test_a_stranger_cannot_send_more_than_a_form(calls: Calls):
    assert await enter(calls, "x" * 20_000) == 413


async def test_a_websocket_without_a_session_or_of_another_site_is_closed(calls: Calls):
    await calls.log_in()
    cookie = f"{COOKIE}={calls.client.cookies[COOKIE]}"

    async def shake(**headers: str) -> int:
        told: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            told.append(message)

        async def receive() -> dict[str, object]:
            return {"type": "websocket.connect"}

        pairs = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1", **headers}.items()]
        scope = {
            "type": "websocket",
            "path": "/nowhere",
            "query_string": b"",
            "headers": pairs,
            "app": calls.client._transport.app,
            "scheme": "ws",
        }
        await calls.client._transport.app(scope, receive, send)
        return int(str(told[-1]["code"]))

    assert await shake(origin="http://127.0.0.1") == 1008
    assert await shake(cookie=cookie, origin="https://elsewhere.example") == 1008
    assert await shake(cookie=cookie) == 1008
    # Past the gate: no such address.
    assert await shake(cookie=cookie, origin="http://127.0.0.1") == 1000
