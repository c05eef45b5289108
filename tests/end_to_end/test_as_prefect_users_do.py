"""The sample fleet through Prefect's own commands, as the README of Prefect has them.

The suite deploys one account of it; `make drill` all.
"""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from deployments.apply import Action, compare
from deployments.plan import POOL, plan
from desk.accounts import load_fleet
from desk.adapters.ledger.schema import upgrade
from desk.model.cycle import CycleState
from tests.drilled import drilled
from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site, finished, pool_exists, task_runs
from tests.end_to_end.truth import books
from tests.end_to_end.truth import compare as compare_books
from tests.prefect_server import PROJECT

pytestmark = pytest.mark.end_to_end

ACCOUNT = "oanda-trend-following"
"""Inactive: its schedule is paused, and no run of it comes in between."""
DEPLOYED = drilled([("--all", 15)], usually=[(f"--name={ACCOUNT}", 1)])
"""What is said to `prefect deploy`, and how many scans it makes."""


@pytest.fixture
async def sample(site: Site, tmp_path: Path) -> Site:
    """The sample fleet on the same server, with a ledger of its own."""
    home = tmp_path / "sample"
    home.mkdir()
    sample = Site(site.server, home, PROJECT / "config", site.post, site.started)
    await upgrade(sample.ledger_url)
    return sample


@pytest.mark.parametrize(("which", "number"), DEPLOYED)
async def test_deploying_makes_what_is_planned_and_a_run_goes_from_candle_to_order(
    sample: Site, client, which: str, number: int
):
    worker = sample.worker(POOL, "sample")
    try:
        await pool_exists(client, POOL)
        await sample.prefect("deploy", which, directory=PROJECT)
        planned = plan(load_fleet(sample.config))
        changes = [change for change in await compare(client, planned) if change.planned and change.existing]
        started = await sample.prefect("deployment", "run", f"scan/{ACCOUNT}", "-p", f"at={json.dumps(AT.isoformat())}")
        [run] = await finished(client, [UUID(re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", started)[0])])
        tasks = await task_runs(client, run.id, attempt=1, last="notify")
        artifacts = await client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
        )
    finally:
        for change in await compare(client, plan(load_fleet(sample.config))):
            if change.existing:
                await client.delete_deployment(change.existing.id)
        assert worker.stop() == 0

    assert [(change.action, change.differences) for change in changes] == [(Action.KEEP, ())] * number
    assert run.state.is_completed(), worker.log_tail()
    assert run.state.name == "Traded"
    assert run.name == f"{ACCOUNT} 2026-01-16T16:00:00Z"
    assert {"scandesk", f"account:{ACCOUNT}", "venue:oanda", "mode:paper"} <= set(run.tags)
    assert {"fetch_candles", "compute_signals", "risk_check", "place_orders", "notify"} <= tasks.keys()
    assert tasks["place_orders"].name == f"place_orders · {run.name}"
    assert {(artifact.key, artifact.type) for artifact in artifacts} == {
        (f"scan-{ACCOUNT}-decisions", "table"),
        (f"scan-{ACCOUNT}-summary", "markdown"),
    }
    assert (await books(sample.ledger_url, ACCOUNT)).cycles == {AT: CycleState.TRADED}
    assert (await compare_books(sample.ledger_url, ACCOUNT)).is_clean
