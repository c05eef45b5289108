"""Runs that failed are run again over HTTP, at a real Prefect server: once, by who may trade, where it is of use."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.settings import PREFECT_API_URL, temporary_settings
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


@asynccontextmanager
async def _silent_after(words: str, url: str) -> AsyncIterator[str]:
    """The address of a relay that passes everything on, but no reply once a request had such words in its line."""
    real = httpx.URL(url)
    tasks: set[asyncio.Task[None]] = set()
    told = asyncio.Event()

    async def ask(reader: asyncio.StreamReader, upstream: asyncio.StreamWriter) -> None:
        while asked := await reader.read(1 << 20):
            if words.encode() in asked:
                told.set()
            upstream.write(asked)

    async def answer(there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answered := await there.read(1 << 20):
            if not told.is_set():
                writer.write(answered)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        there, upstream = await asyncio.open_connection(real.host, real.port)
        try:
            await asyncio.gather(ask(reader, upstream), answer(there, writer))
        except asyncio.CancelledError:
            pass
        finally:
            upstream.close()
            writer.close()

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield str(real.copy_with(port=server.sockets[0].getsockname()[1]))
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
