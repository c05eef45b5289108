import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from console.services.schedules import AtPrefect, find_schedule
from deployments.apply import apply
from deployments.server import free_port
from tests.console.conftest import Desk


def actions(desk: Desk, *words: str) -> dict[str, str]:
    said = desk("deploy", "--pool", "console", "--json", *words)
    assert (said.code, said.err) == (0, "")
    return {change["deployment"]: change["action"] for change in said.json}


@pytest.fixture
def clean_server(prefect_api: str) -> Iterator[None]:
    """The session's server without deployments of ours, before and after."""

    async def remove() -> None:
        async with get_client() as client:
            await apply(client, (), pool="console")

    asyncio.run(remove())
    yield
    asyncio.run(remove())


@pytest.mark.prefect
def test_a_plan_changes_nothing_and_deploying_does_what_was_planned(desk: Desk, prefect_api: str, clean_server: None):
    planned = actions(desk, "--plan")
    scans, watches = ("scan/sample", "scan/fresh", "scan/resting"), ("watch/sample", "watch/fresh")
    names = (*scans, *watches, "guardian/fleet", "review-strategies/fleet", "backtest/fleet", "reconcile/fleet")
    assert planned == dict.fromkeys(names, "create")
    assert actions(desk, "--plan") == planned
    assert actions(desk) == planned
    assert set(actions(desk).values()) == {"keep"}
    schedules = {name: asyncio.run(find_schedule(prefect_api, name)) for name in ("sample", "resting", "nobody")}
    assert {name: found.state for name, found in schedules.items()} == {
        "sample": AtPrefect.RUNS,
        "resting": AtPrefect.PAUSED,
        "nobody": AtPrefect.MISSING,
    }


@pytest.mark.prefect
def test_what_changed_is_told_in_words(desk: Desk, home: Path, clean_server: None):
    said = desk("deploy", "--pool", "console")
    assert "+ scan/sample" in said.out
    assert said.out.splitlines()[-1] == "9 created."
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("every: 5m", "every: 10m"))
    said = desk("deploy", "--pool", "console", "--plan")
    told = [line for line in said.out.splitlines() if not line.startswith("    ")]
    assert told == ["~ scan/sample  update", "  8 stay as they are", "1 to update."]


def test_a_server_that_does_not_answer_is_told_with_advice(desk: Desk):
    url = f"http://127.0.0.1:{free_port()}/api"
    with temporary_settings({PREFECT_API_URL: url}):
        said = desk("deploy", "--plan")
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(f"desk: {url}: expected a Prefect server, found ConnectError")
    assert "start one with `desk up`, or set PREFECT_API_URL" in said.err


def test_without_an_address_no_server_is_started(desk: Desk):
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        said = desk("deploy")
    assert said.code == 5
    assert "expected the address of a Prefect server in PREFECT_API_URL or prefect.toml, found none" in said.err


def test_a_wrong_configuration_is_told_before_the_server_is_asked(desk: Desk, home: Path):
    (home / "config" / "policy.yaml").unlink()
    assert desk("deploy").code == 3
