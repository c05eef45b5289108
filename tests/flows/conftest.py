"""An installation and the scan flow, in this process, against the session's Prefect server."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from prefect import State
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import SetStateStatus
from prefect.flows import Flow
from prefect.states import AwaitingRetry, Scheduled

from deployments.engine import Interruption, run_flow
from tests.flows.installation import AT, Installation, installation, ledger_template

__all__ = ["desk", "installation", "ledger_template"]

_counter = itertools.count(1)


@dataclass
class Desk:
    """The flow `scan` on an installation."""

    installation: Installation
    client: PrefectClient
    flow: Flow

    async def scan(self, account: str, at: datetime | None = AT) -> State:
        """Scan once, as `desk scan` does."""
        return await self.flow(account, at, return_state=True)

    async def deployed_run(
        self, account: str, at: datetime | None = AT, *, scheduled_for: datetime | None = None
    ) -> UUID:
        """Make a run of a deployment, which can be retried; nothing runs it yet."""
        deployment = await self.client.create_deployment(
            await self.client.create_flow_from_name("scan"),
            f"{account}-{next(_counter)}",
            entrypoint="flows.scan.scan",
            parameters={"account": account, "at": at.isoformat() if at else None},
        )
        state = Scheduled(scheduled_time=scheduled_for)
        return (await self.client.create_flow_run_from_deployment(deployment, state=state)).id

    async def run(self, flow_run_id: UUID, interruption: Interruption | None = None) -> FlowRun:
        """Run it in this process with the worker's engine, and return what the server knows of it then."""
        found = await self.client.read_flow_run(flow_run_id)
        await run_flow(self.flow, found, interruption or Interruption())
        return await self.client.read_flow_run(flow_run_id)

    async def retry(self, flow_run_id: UUID) -> FlowRun:
        """Retry it as the button of the Prefect UI does."""
        answer = await self.client.set_flow_run_state(flow_run_id, AwaitingRetry())
        assert answer.status == SetStateStatus.ACCEPT, answer
        return await self.run(flow_run_id)


@pytest.fixture
def desk(installation: Installation, prefect_client: PrefectClient) -> Desk:
    from flows.scan import scan

    return Desk(installation, prefect_client, scan.with_options(result_storage=installation.home / "results"))
