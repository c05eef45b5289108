from uuid import uuid4

import httpx
import pytest
from prefect import flow
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Cancelling, Completed, Paused, Pending, Running, Scheduled

from deployments.outcome import settle

CALLS: list[str] = []


def broken_hook(flow, flow_run, state):
    CALLS.append("broken")
    raise ValueError("a hook of the user's")


async def crash_hook(flow, flow_run, state):
    CALLS.append(f"crashed {state.message}")


def cancellation_hook(flow, flow_run, state):
    CALLS.append(f"cancelled {state.name}")


@flow(on_crashed=[broken_hook, crash_hook], on_cancellation=[cancellation_hook])
async def hooked() -> None: ...


class FakeClient:
    """Holds one run, and knows the states that it was given."""

    def __init__(self, state):
        self.run = FlowRun(id=uuid4(), flow_id=uuid4(), name="a run", state=state) if state else None
        self.states = []

    async def read_flow_run(self, flow_run_id):
        if self.run is None:
            raise ObjectNotFound(httpx.HTTPError("404"))
        return self.run

    async def set_flow_run_state(self, flow_run_id, state, *, force):
        assert force
        self.states.append(state.name)


async def settled(client: FakeClient, found=hooked) -> list[str]:
    CALLS.clear()

    async def find():
        return found

    await settle(client, uuid4(), "the worker died", find)
    return CALLS


@pytest.mark.parametrize("state", [Running(), Pending()])
async def test_a_run_that_nobody_executes_crashes_and_a_broken_hook_does_not_stop_the_next(state):
    client = FakeClient(state)

    assert await settled(client) == ["broken", "crashed the worker died"]
    assert client.states == ["Crashed"]


async def test_a_run_that_was_being_cancelled_ends_as_cancelled():
    client = FakeClient(Cancelling())

    assert await settled(client) == ["cancelled Cancelled"]
    assert client.states == ["Cancelled"]


@pytest.mark.parametrize("state", [Completed(), Cancelled(), Scheduled(), Paused(), None])
async def test_a_run_that_has_ended_or_waits_or_is_gone_is_left_alone(state):
    client = FakeClient(state)

    assert await settled(client) == []
    assert client.states == []


async def test_without_its_flow_a_run_is_settled_all_the_same():
    client = FakeClient(Running())

    assert await settled(client, found=None) == []
    assert client.states == ["Crashed"]
