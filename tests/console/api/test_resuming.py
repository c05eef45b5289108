"""Runs that failed are run again over HTTP, at a real Prefect server: once, by who may trade, where it is of use."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Cancelled, Completed, Crashed, Failed, Running, Scheduled, State

from console.failures import NotResumable, ResumedOrNot
from console.services.resuming import ResumeOrder, Resumption, resume
from desk.adapters.ledger.ledger import Ledger
from desk.model.access import Rights
from desk.model.cycle import CycleKey, CycleState, Mode
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token
from tests.console.api.test_client import Script
from tests.desk.adapters.ledger.builders import record

pytestmark = pytest.mark.prefect
TRADE = token(Rights.TRADE)
KEY = CycleKey("fresh", CLOSE)
WHERE = "/api/accounts/fresh/cycles/2026-01-14T15:00:00Z/resume"
SOON = (CLOSE + timedelta(seconds=20)).isoformat()
"""What time it is for a run of the past: its candle has just closed."""
_counter = itertools.count(1)


@dataclass
class Stage:
    """The app, and the server at which its runs are."""

    calls: Calls
    client: PrefectClient

    @property
    def ledger(self) -> Ledger:
        return self.calls.room.ledger

    async def run(self, state: State[object], at: str | None = SOON) -> UUID:
        """A run of a deployment that has come to a state."""
        flow = await self.client.create_flow_from_name("scan")
        parameters = {"account": "fresh", "at": at}
        name = f"resumed-{next(_counter)}"
        deployment = await self.client.create_deployment(flow, name, parameters=parameters, paused=True)
        made = await self.client.create_flow_run_from_deployment(deployment)
        await self.client.set_flow_run_state(made.id, state, force=True)
        return made.id

    async def state_of(self, run: UUID) -> tuple[str | None, str | None]:
        state = (await self.client.read_flow_run(run)).state
        assert state is not None
        return state.name, state.message

    async def stopped(self, run: UUID) -> None:
        """A cycle that its run left before it had decided anything."""
        await self.ledger.record_run_end(
            KEY, CycleState.FAILED, "no answer", CLOSE, mode=Mode.PAPER, flow_run_id=str(run)
        )

    async def decided(self, run: UUID) -> None:
        """The same, with its decision written down."""
        await self.stopped(run)
        done = record(KEY, CycleState.FAILED)
        await self.ledger.record_cycle(replace(done, detail="no answer"), now=CLOSE)

    async def ask(self, rights: Rights = Rights.TRADE, **headers: str) -> httpx.Response:
        return await self.calls.client.post(WHERE, json={"why": "mended"}, headers={**token(rights), **headers})

    async def audited(self) -> list[tuple[str, str, str, str]]:
        rows = await self.ledger.audit_entries()
        return [(one.who, one.action, one.subject, one.detail["why"]) for one in rows if one.action.startswith("cycle")]


@pytest.fixture
def stage(calls: Calls, prefect_client: PrefectClient) -> Stage:
    return Stage(calls, prefect_client)


async def test_a_run_that_failed_is_to_be_run_again_once_however_often_that_is_sent(stage: Stage):
    run = await stage.run(Failed())
    await stage.stopped(run)
    replies = [await stage.ask(**{"idempotency-key": "1"}) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 200], replies[0].text
    assert replies[0].json() == replies[1].json()
    assert (replies[0].json()["state"], replies[0].json()["flow_run_id"]) == ("AwaitingRetry", str(run))
    assert await stage.state_of(run) == ("AwaitingRetry", "Resumed by token trade")
    again = await stage.ask()
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    assert "AwaitingRetry: it is not over yet" in again.json()["detail"]
    assert await stage.audited() == [("token trade", "cycle resumed", "fresh 2026-01-14T15:00:00Z", "mended")]


async def test_a_run_that_neither_failed_nor_crashed_is_left_alone(stage: Stage):
    run = await stage.run(Scheduled())
    await stage.stopped(run)
    for state, told in (
        (Running(), "which is Running: it is not over yet"),
        (Completed(name="Held"), "which is Held: nothing is left to do"),
        (Cancelled(name="AccountBusy"), "which is AccountBusy: somebody ended it; `prefect flow-run retry"),
    ):
        await stage.client.set_flow_run_state(run, state, force=True)
        reply = await stage.ask()
        assert (reply.status_code, told in reply.json()["detail"]) == (409, True), reply.text
        assert await stage.state_of(run) == (state.name, state.message)
    assert await stage.audited() == []


async def gone(stage: Stage) -> UUID:
    run = await stage.run(Failed())
    await stage.client.delete_flow_run(run)
    return run


async def without_deployment(stage: Stage) -> UUID:
    run = await stage.run(Failed())
    deployment = (await stage.client.read_flow_run(run)).deployment_id
    assert deployment is not None
    await stage.client.delete_deployment(deployment)
    return run


async def too_late(stage: Stage) -> UUID:
    return await stage.run(Crashed(), at=None)


async def after_another(stage: Stage) -> UUID:
    later = CycleKey("fresh", CLOSE + timedelta(minutes=5))
    await stage.ledger.record_run_end(later, CycleState.FAILED, "no answer", CLOSE, mode=Mode.PAPER)
    return await stage.run(Crashed())


@pytest.mark.parametrize(
    ("story", "told"),
    [
        (gone, "which has it no more"),
        (without_deployment, "so that no worker takes it up"),
        (too_late, "it is too late to do so now: the candle closed"),
        (after_another, "the account has acted on the candle of 2026-01-14 15:05 UTC"),
    ],
)
async def test_a_run_that_would_do_nothing_is_refused(
    stage: Stage, story: Callable[[Stage], Awaitable[UUID]], told: str
):
    await stage.stopped(await story(stage))
    reply = await stage.ask()
    assert (reply.status_code, told in reply.json()["detail"]) == (409, True), reply.text
    assert await stage.audited() == []


@pytest.mark.parametrize(
    ("at", "told"),
    [(SOON, "What was sent is asked for, and not sent again."), (None, "Nothing more is sent: the candle closed")],
)
async def test_what_was_decided_goes_on_however_late_and_it_is_said_what_is_left_of_it(
    stage: Stage, at: str | None, told: str
):
    await stage.decided(await stage.run(Failed(), at=at))
    reply = await stage.ask()
    assert reply.status_code == 200, reply.text
    assert told in reply.json()["outlook"]


async def test_who_may_only_look_resumes_nothing(stage: Stage):
    run = await stage.run(Failed())
    await stage.stopped(run)
    assert (await stage.ask(Rights.READ)).status_code == 403
    assert (await stage.ask(Rights.TRADE)).status_code == 200


async def test_a_script_resumes_a_run(stage: Stage):
    await stage.stopped(await stage.run(Failed()))
    done = await Script(stage.calls).run(lambda desk: desk.resume_cycle("fresh", CLOSE, "mended"), Rights.TRADE)
    assert isinstance(done, Resumption)
    assert (done.candle_close, done.state, done.outlook) == (
        CLOSE,
        "AwaitingRetry",
        "It decides now, and trades by that.",
    )


async def test_a_server_that_falls_silent_after_it_was_told_leaves_it_open_whether_it_did(stage: Stage):
    run = await stage.run(Failed())
    await stage.stopped(run)
    desk, order = stage.calls.room.desk, ResumeOrder("fresh", CLOSE, "ana", "mended")
    async with _silent_after("/set_state", PREFECT_API_URL.value()) as url:
        with temporary_settings({PREFECT_API_URL: url}), pytest.raises(ResumedOrNot, match=r"within 2 s; .* may go on"):
            await resume(desk, order, stage.calls.room.clock, patience=2)
    assert (await stage.state_of(run))[0] == "AwaitingRetry"
    assert [action for _, action, _, _ in await stage.audited()] == ["cycle resumed", "cycle resumed or not"]
    with pytest.raises(NotResumable, match="goes on by itself"):
        await resume(desk, order, stage.calls.room.clock)


async def test_under_one_key_a_run_is_not_run_a_third_time_where_nobody_was_told_of_the_second(stage: Stage):
    run = await stage.run(Failed())
    await stage.stopped(run)
    async with _silent_after("/set_state", PREFECT_API_URL.value()) as url:
        with temporary_settings({PREFECT_API_URL: url}):
            reply = await stage.ask(**{"idempotency-key": "1"})
    assert (reply.status_code, "may go on" in reply.json()["detail"]) == (503, True), reply.text
    await stage.client.set_flow_run_state(run, Failed(), force=True)  # it went on, and failed again
    again = await stage.ask(**{"idempotency-key": "1"})
    assert (again.status_code, "never ended" in again.json()["detail"]) == (409, True), again.text
    assert (await stage.state_of(run))[0] == "Failed"


def _reply(body: str, *, status: str = "200 OK", kind: str = "application/json") -> bytes:
    told = body.encode()
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(told)}\r\n\r\n".encode() + told


TOO_MANY = _reply('{"detail": "slow down"}', status="429 Too Many Requests")
NO_JSON = _reply("<h1>Who are you?</h1>", kind="text/html")
NO_TEXT = NO_JSON.replace(b"<h1>", b"\xff\xfe\xff\xff")
OTHER_SHAPE = _reply('{"hello": "world"}')
OTHER_REPLIES = [
    pytest.param(TOO_MANY, id="429"),
    pytest.param(NO_JSON, id="no JSON"),
    pytest.param(NO_TEXT, id="no text"),
    pytest.param(OTHER_SHAPE, id="another shape"),
]
NO_STATE = _reply('{"state": null, "status": "ACCEPT", "details": {"type": "accept_details"}}')


@contextmanager
def _asked_once(url: str) -> Iterator[None]:
    """Ask the server there, and nothing a second time."""
    with temporary_settings({PREFECT_API_URL: url, PREFECT_CLIENT_MAX_RETRIES: 0}):
        yield


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        *(pytest.param("GET /api/flow_runs/", *one.values, id=one.id) for one in OTHER_REPLIES),
        pytest.param("GET /api/deployments/", OTHER_SHAPE, id="another shape of its deployment"),
    ],
)
async def test_a_server_that_answers_something_else_when_it_is_asked_is_not_told_anything(
    stage: Stage, asked: str, reply: bytes
):
    run = await stage.run(Failed())
    await stage.stopped(run)
    async with _otherwise_at(asked, PREFECT_API_URL.value(), reply) as url:
        with _asked_once(url):
            told = await stage.ask()
    assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json"), told.text
    assert "expected a Prefect server, found" in told.json()["detail"]
    assert (await stage.state_of(run))[0] == "Failed"
    assert await stage.audited() == []


@pytest.mark.parametrize("reply", [*OTHER_REPLIES, pytest.param(NO_STATE, id="no state")])
async def test_whatever_a_server_answers_that_was_told_it_is_not_said_that_nothing_goes_on(stage: Stage, reply: bytes):
    run = await stage.run(Failed())
    await stage.stopped(run)
    async with _otherwise_at("/set_state", PREFECT_API_URL.value(), reply) as url:
        with _asked_once(url):
            told = await stage.ask()
    assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json"), told.text
    assert "the run may go on all the same" in told.json()["detail"]
    assert (await stage.state_of(run))[0] == "AwaitingRetry"
    assert [action for _, action, _, _ in await stage.audited()] == ["cycle resumed", "cycle resumed or not"]


async def test_a_run_that_a_server_had_no_time_for_is_resumed_when_that_is_ordered_again(stage: Stage):
    run = await stage.run(Failed())
    await stage.stopped(run)
    async with _otherwise_at("/set_state", PREFECT_API_URL.value(), TOO_MANY, reaches=False) as url:
        with _asked_once(url):
            told = await stage.ask()
    assert (told.status_code, "429" in told.json()["detail"]) == (503, True), told.text
    assert (await stage.state_of(run))[0] == "Failed"
    assert (await stage.ask()).status_code == 200
    assert (await stage.state_of(run))[0] == "AwaitingRetry"


async def test_a_run_that_is_deleted_when_it_is_to_go_on_is_told_as_gone_and_in_the_audit(stage: Stage):
    run = await stage.run(Failed())
    await stage.stopped(run)
    record_action = stage.ledger.record_action

    async def then_gone(who: str, action: str, *words: object) -> None:
        await record_action(who, action, *words)  # type: ignore[arg-type]
        if action == "cycle resumed":
            await stage.client.delete_flow_run(run)

    stage.ledger.record_action = then_gone  # type: ignore[method-assign, assignment]
    reply = await stage.ask()
    assert (reply.status_code, "which has it no more" in reply.json()["detail"]) == (409, True), reply.text
    assert [action for _, action, _, _ in await stage.audited()] == ["cycle resumed", "cycle not resumed"]


def _silent_after(words: str, url: str) -> AbstractAsyncContextManager[str]:
    """The address of a relay that passes everything on, but no reply once a request had such words in its line."""
    return _otherwise_at(words, url, b"")


@asynccontextmanager
async def _otherwise_at(words: str, url: str, reply: bytes, *, reaches: bool = True) -> AsyncIterator[str]:
    """The address of a relay in front of a server; see `_Relay`."""
    real = httpx.URL(url)
    relay = _Relay(real, words.encode(), reply, reaches)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    try:
        yield str(real.copy_with(port=server.sockets[0].getsockname()[1]))
    finally:
        server.close()
        for task in relay.tasks:
            task.cancel()
        await asyncio.gather(*relay.tasks, return_exceptions=True)


@dataclass
class _Relay:
    """Passes everything on, until a request has such words in its line: then `reply` comes in place of the server's.

    Attributes:
        reply: empty for none.
        reaches: whether what has the words is passed on as well.
    """

    real: httpx.URL
    words: bytes
    reply: bytes
    reaches: bool
    told: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        there, upstream = await asyncio.open_connection(self.real.host, self.real.port)
        try:
            await asyncio.gather(self._ask(reader, upstream, writer), self._answer(there, writer))
        except asyncio.CancelledError:
            pass
        finally:
            upstream.close()
            writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        while asked := await reader.read(1 << 20):
            if self.words in asked:
                self.told = True
                writer.write(b"" if self.reaches else self.reply)
            if self.reaches or not self.told:
                upstream.write(asked)

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the server says; in place of what it says to those words, once it has done them, the reply."""
        is_replaced = False
        while answered := await there.read(1 << 20):
            if not self.told:
                writer.write(answered)
            elif not is_replaced:
                writer.write(self.reply)
                is_replaced = True
