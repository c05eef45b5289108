import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from console.api.app import create_app
from console.api.gate import COOKIE
from console.api.room import Room
from console.services.states import HASTE
from desk.errors import LedgerBusy, LedgerError
from desk.model.access import Rights
from tests.console.api.conftest import ADDRESS, LINK, ORIGIN, Calls, token

HALT = {"scope": "fleet", "why": "news"}
TRADE = token(Rights.TRADE)


async def states(calls: Calls) -> list[str]:
    found = (await calls.client.get("/api/states", headers=token(Rights.READ))).json()
    return [f"{one['scope']} {one['state']} by {one['who']}: {one['why']}" for one in found]


def put(reply: httpx.Response) -> list[str]:
    return [f"{one['scope']} {one['state']}" for one in reply.json()["put"]]


async def test_a_halt_and_its_end_are_in_force_and_in_the_audit(calls: Calls):
    halted = await calls.client.post("/api/halt", json=HALT, headers=TRADE)
    assert (halted.status_code, put(halted), halted.json()["not_put"]) == (200, ["fleet halted"], [])
    assert await states(calls) == ["fleet halted by token trade: news"]
    resumed = await calls.client.post("/api/resume", json={"scope": "fleet", "why": "over"}, headers=TRADE)
    assert resumed.status_code == 200
    assert await states(calls) == []
    newest = await calls.room.ledger.audit_entries(newest=2)
    assert [(entry.who, entry.action, entry.subject) for entry in newest] == [
        ("token trade", "halted", "fleet"),
        ("token trade", "active", "fleet"),
    ]


async def test_a_halt_does_not_wait_for_a_change_of_the_configuration_that_waits_for_a_server(calls: Calls):
    async with calls.room.turns:
        for path in ("/api/halt", "/start", "/stop"):
            order = HALT if path == "/api/halt" else {}
            reply = await asyncio.wait_for(calls.client.post(path, json=order, headers=TRADE), 5)
            assert reply.status_code == 200
    assert await states(calls) == ["fleet halted by token trade: "]


async def test_a_browser_that_is_logged_in_orders_as_its_person(calls: Calls):
    headers = await calls.log_in()
    assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 200
    assert await states(calls) == ["fleet halted by ana: news"]


async def test_a_write_that_another_site_makes_a_browser_send_changes_nothing(calls: Calls):
    good = await calls.log_in()
    origins = ("https://elsewhere.example", "null", "http://127.0.0.1:81", "")
    forged = [ORIGIN, *({**ORIGIN, "x-csrf-token": guess} for guess in ("", "0" * 64))]
    for headers in (*forged, *({**good, "origin": origin} for origin in origins)):
        reply = await calls.client.post("/api/halt", json=HALT, headers=headers)
        assert reply.status_code == 403, headers
    assert await states(calls) == []


async def test_a_browser_that_sends_no_origin_changes_nothing(calls: Calls):
    headers = await calls.log_in()
    del headers["origin"]
    assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 403
    assert await states(calls) == []


async def test_who_may_only_read_orders_nothing(calls: Calls):
    for path in ("/api/halt", "/api/resume"):
        reply = await calls.client.post(path, json=HALT, headers=token(Rights.READ))
        assert reply.status_code == 403
        assert "expected the right 'trade', found 'read'" in reply.json()["detail"]
    assert await states(calls) == []


async def test_a_stranger_orders_nothing(calls: Calls):
    for headers in ({}, ORIGIN, {"authorization": "Basic YTpi"}):
        assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 401
    assert await states(calls) == []


async def test_an_order_that_cannot_be_understood_is_refused_and_says_why(calls: Calls):
    wrong = (
        {},
        {"scope": "everything"},
        {"scope": "account:sampel"},
        {**HALT, "more": 1},
        {**HALT, "until": "2001-01-01"},
    )
    for body in wrong:
        reply = await calls.client.post("/api/halt", json=body, headers=TRADE)
        assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json"), body
        assert reply.json()["detail"]
    assert await states(calls) == []


async def test_under_one_key_a_write_is_done_once(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    replies = [await calls.client.post("/api/halt", json=HALT, headers=headers) for _ in range(2)]
    assert [reply.json() for reply in replies] == [replies[0].json()] * 2
    entries = await calls.room.ledger.audit_entries()
    assert [entry.action for entry in entries].count("halted") == 1


async def test_a_key_stands_for_one_write(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    await calls.client.post("/api/halt", json=HALT, headers=headers)
    reply = await calls.client.post("/api/halt", json={**HALT, "scope": "venue:oanda"}, headers=headers)
    assert reply.status_code == 422
    other = await calls.client.post("/api/resume", json={"scope": "fleet"}, headers=headers)
    assert other.status_code == 422
    assert await states(calls) == ["fleet halted by token trade: news"]


async def test_a_write_that_was_refused_may_be_sent_again_under_its_key(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    assert (await calls.client.post("/api/halt", json={"scope": "account:x"}, headers=headers)).status_code == 422
    assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 200


async def end_before_its_reply(calls: Calls, how: BaseException | None = None) -> None:
    """Halt under the key 1, and end as soon as the halt is in force: by a failure, or by ending the task."""
    halted = asyncio.Event()
    put = calls.room.ledger.set_trading_state

    async def never(*words: object, **more: object) -> None:
        await put(*words, **more)  # type: ignore[arg-type]
        halted.set()
        if how is not None:
            raise how
        await asyncio.Event().wait()

    calls.room.ledger.set_trading_state = never  # type: ignore[method-assign, assignment]
    order = asyncio.create_task(calls.client.post("/api/halt", json=HALT, headers={**TRADE, "idempotency-key": "1"}))
    await halted.wait()
    if how is None:
        order.cancel()
    await asyncio.gather(order, return_exceptions=True)
    calls.room.ledger.set_trading_state = put  # type: ignore[method-assign]


@pytest.mark.parametrize("how", [None, LedgerError("the connection is gone"), ZeroDivisionError("of ours")])
async def test_a_write_whose_end_was_not_written_down_is_not_done_again_under_its_key_not_even_by_a_new_server(
    calls: Calls, how: BaseException | None
):
    await end_before_its_reply(calls, how)
    assert await states(calls) == ["fleet halted by token trade: news"]
    await calls.client.post("/api/resume", json={"scope": "fleet"}, headers=TRADE)
    room = Room(calls.room.chosen, owner=calls.room.owner, key=LINK)
    app = create_app(room)
    async with room.opened(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as again:
        for client in (calls.client, again):
            reply = await client.post("/api/halt", json=HALT, headers={**TRADE, "idempotency-key": "1"})
            assert (reply.status_code, reply.headers["content-type"]) == (409, "application/problem+json")
            assert "begun under the Idempotency-Key '1' and never ended" in reply.json()["detail"]
            assert "/api/audit" in reply.json()["detail"]
    assert await states(calls) == []
    assert (await calls.client.post("/api/halt", json=HALT, headers={**TRADE, "idempotency-key": "2"})).is_success


async def busy(*_words: object) -> None:
    raise LedgerBusy("others write")


async def test_a_halt_in_force_is_told_as_that_although_its_reply_cannot_be_kept(calls: Calls):
    calls.room.ledger.keep_reply = busy  # type: ignore[method-assign]
    headers = {**TRADE, "idempotency-key": "1"}
    reply = await calls.client.post("/api/halt", json=HALT, headers=headers)
    assert (reply.status_code, put(reply)) == (200, ["fleet halted"]), reply.text
    assert await states(calls) == ["fleet halted by token trade: news"]
    again = await calls.client.post("/api/halt", json=HALT, headers=headers)
    assert (again.status_code, "never ended" in again.json()["detail"]) == (409, True)


async def test_why_a_write_is_refused_is_told_although_its_key_cannot_be_freed(calls: Calls):
    calls.room.ledger.free_key = busy  # type: ignore[method-assign]
    headers = {**TRADE, "idempotency-key": "1"}
    reply = await calls.client.post("/api/halt", json={"scope": "account:sampel"}, headers=headers)
    assert (reply.status_code, "did you mean 'sample'" in reply.json()["detail"]) == (422, True), reply.text


async def test_a_key_is_taken_before_the_write_begins(calls: Calls):
    async def broken(*_words: object) -> None:
        raise LedgerError("nothing can be written")

    calls.room.ledger.begin_reply = broken  # type: ignore[method-assign]
    reply = await calls.client.post("/api/halt", json=HALT, headers={**TRADE, "idempotency-key": "1"})
    assert reply.status_code == 503
    assert await states(calls) == []


async def test_a_name_that_leads_here_from_elsewhere_is_refused(calls: Calls):
    reply = await calls.client.post("/api/halt", json=HALT, headers={**TRADE, "host": "rebound.example"})
    assert reply.status_code == 421


async def test_a_cookie_in_a_session_that_is_over_orders_nothing(calls: Calls):
    headers = await calls.log_in()
    cookie = calls.client.cookies[COOKIE]
    assert (await calls.client.delete("/api/session", headers=headers)).status_code == 204
    async with httpx.AsyncClient(
        transport=calls.client._transport, base_url=ADDRESS, cookies={COOKIE: cookie}
    ) as again:
        assert (await again.post("/api/halt", json=HALT, headers=headers)).status_code == 401
    assert await states(calls) == []


GROUP = {"scope": "@majors", "why": "too wild"}


@dataclass
class Resisting:
    """What keeps the orders for some scopes from being written; `patience` is what the others were given."""

    put: Callable[..., Awaitable[object]]
    errors: Mapping[str, Exception]
    patience: list[timedelta | None] = field(default_factory=list)

    async def __call__(self, scope: str, *words: object, patience: timedelta | None, **more: object) -> object:
        self.patience.append(patience)
        if scope in self.errors:
            raise self.errors[scope]
        return await self.put(scope, *words, patience=patience, **more)


@pytest.fixture
def of_group(grouped: Path, calls: Calls) -> Calls:
    """The same, with a group of two accounts."""
    return calls


def resist(calls: Calls, **errors: Exception) -> Resisting:
    """Let the ledger refuse to write a trading state of these accounts."""
    errors = {f"account:{name}": error for name, error in errors.items()}
    resisting = Resisting(calls.room.ledger.set_trading_state, errors)
    calls.room.ledger.set_trading_state = resisting  # type: ignore[method-assign, assignment]
    return resisting


@pytest.mark.parametrize("word", ["@majors", "majors"])
async def test_a_group_is_halted_and_resumed_account_by_account_under_one_key(of_group: Calls, word: str):
    headers = {**TRADE, "idempotency-key": "1"}
    replies = [
        await of_group.client.post("/api/halt", json={**GROUP, "scope": word}, headers=headers) for _ in range(2)
    ]
    assert [(one.status_code, put(one)) for one in replies] == [
        (200, ["account:sample halted", "account:resting halted"])
    ] * 2
    assert await states(of_group) == [
        "account:resting halted by token trade: too wild",
        "account:sample halted by token trade: too wild",
    ]
    halted = [one.subject for one in await of_group.room.ledger.audit_entries() if one.action == "halted"]
    assert halted == ["account:sample", "account:resting"]
    resumed = await of_group.client.post("/api/resume", json={"scope": word}, headers=TRADE)
    assert (resumed.status_code, put(resumed)) == (200, ["account:sample active", "account:resting active"])
    assert await states(of_group) == []


@pytest.mark.parametrize("path", ["/api/halt", "/stop"])
async def test_an_account_of_a_group_that_resists_stops_no_other_and_the_reply_says_which(of_group: Calls, path: str):
    resist(of_group, sample=LedgerBusy("others write"))
    headers = {**TRADE, "idempotency-key": "1"}
    replies = [await of_group.client.post(path, json=GROUP, headers=headers) for _ in range(2)]
    assert [(one.status_code, put(one)) for one in replies] == [(207, ["account:resting halted"])] * 2
    [missing] = replies[0].json()["not_put"]
    assert (missing["scope"], missing["state"], missing["undone"]) == ("account:sample", "halted", True)
    assert "positions may still be opened" in missing["cause"]
    assert await states(of_group) == ["account:resting halted by token trade: too wild"]


async def test_of_an_account_that_may_have_been_written_it_is_not_said_that_nothing_was(of_group: Calls):
    resist(of_group, resting=LedgerError("the connection is gone"))
    reply = await of_group.client.post("/api/halt", json=GROUP, headers=TRADE)
    [missing] = reply.json()["not_put"]
    assert (reply.status_code, put(reply)) == (207, ["account:sample halted"])
    assert (missing["scope"], missing["undone"]) == ("account:resting", False)


async def test_a_group_of_which_nothing_is_in_force_is_refused_and_may_be_ordered_again_under_its_key(of_group: Calls):
    resisting = resist(of_group, sample=LedgerBusy("others write"), resting=LedgerBusy("others write"))
    headers = {**TRADE, "idempotency-key": "1"}
    reply = await of_group.client.post("/api/halt", json=GROUP, headers=headers)
    assert (reply.status_code, reply.headers["content-type"]) == (503, "application/problem+json")
    assert "nothing was written" in reply.json()["detail"]
    # Who gave the order waits for others who write once, and not for each account.
    assert resisting.patience == [HASTE, timedelta(0)]
    resisting.errors = {}
    again = await of_group.client.post("/api/halt", json=GROUP, headers=headers)
    assert (again.status_code, len(put(again))) == (200, 2)


@pytest.mark.parametrize(
    ("sample", "resting"), [(LedgerBusy, LedgerError), (LedgerError, LedgerBusy), (LedgerError, LedgerError)]
)
async def test_where_it_is_not_known_of_all_that_nothing_was_written_the_key_of_a_group_is_used_up(
    of_group: Calls, sample: type[LedgerError], resting: type[LedgerError]
):
    resist(of_group, sample=sample("why of sample"), resting=resting("why of resting"))
    headers = {**TRADE, "idempotency-key": "1"}
    reply = await of_group.client.post("/api/halt", json=GROUP, headers=headers)
    assert reply.status_code == 503
    told = reply.json()["detail"].splitlines()
    assert [line.partition(": ")[0] for line in told] == ["account:sample", "account:resting"]
    again = await of_group.client.post("/api/halt", json=GROUP, headers=headers)
    assert (again.status_code, "never ended" in again.json()["detail"]) == (409, True)


async def test_a_name_that_nothing_has_is_refused_with_the_nearest(of_group: Calls):
    near = {"@majosr": "majors", "majosr": "majors", "group:majors": "majors", "@sampel": "sample", "fleeet": "fleet"}
    for word, nearest in near.items():
        reply = await of_group.client.post("/api/halt", json={"scope": word}, headers=TRADE)
        assert reply.status_code == 422
        assert f"found '{word}'; did you mean '{nearest}'?" in reply.json()["detail"]
    assert await states(of_group) == []


async def test_who_may_not_trade_halts_no_group_and_no_other_site_does(of_group: Calls):
    assert (await of_group.client.post("/api/halt", json=GROUP, headers=token(Rights.READ))).status_code == 403
    headers = await of_group.log_in()
    del headers["x-csrf-token"]
    assert (await of_group.client.post("/api/halt", json=GROUP, headers=headers)).status_code == 403
    assert await states(of_group) == []


async def test_stop_halts_the_fleet_and_start_lets_it_trade_again(calls: Calls):
    stopped = await calls.client.post("/stop", headers=TRADE)
    assert (stopped.status_code, put(stopped)) == (200, ["fleet halted"])
    assert await states(calls) == ["fleet halted by token trade: "]
    assert (await calls.client.post("/start", json={"why": "over"}, headers=TRADE)).status_code == 200
    assert await states(calls) == []
    part = {"scope": "account:sample", "why": "a look"}
    assert (await calls.client.post("/stop", json=part, headers=TRADE)).status_code == 200
    assert await states(calls) == ["account:sample halted by token trade: a look"]


async def test_nobody_is_made_to_stop_or_start(calls: Calls):
    headers = await calls.log_in()
    del headers["x-csrf-token"]
    for path in ("/stop", "/start"):
        assert (await calls.client.post(path, headers=headers)).status_code == 403
        assert (await calls.client.post(path, headers=token(Rights.READ))).status_code == 403
    assert await states(calls) == []
