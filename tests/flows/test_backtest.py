"""A backtest in the background is kept, with its figures and its report where runs are looked at."""

import json
from datetime import timedelta

import pytest
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from desk.adapters.backtests.runs import REPORT, Runs
from tests.flows.installation import CLOSE

pytestmark = pytest.mark.prefect


async def test_a_backtest_is_kept_and_its_figures_are_an_artifact_with_a_link_to_the_report(desk):
    from flows.backtest import backtest_account

    home = desk.installation.home
    made = backtest_account.with_options(result_storage=home / "results")
    state = await made("trader", CLOSE - timedelta(hours=6), CLOSE, return_state=True)
    assert state.is_completed(), state.message
    assert state.message.startswith("trader: 100,000.00 USD became ")
    store = Runs(home / "backtests")
    [run] = store.names()
    key = ArtifactFilter(key=ArtifactFilterKey(any_=["backtest-trader"]))
    [artifact] = await desk.client.read_artifacts(artifact_filter=key)
    page = store.path(run) / REPORT
    assert artifact.description == f"Backtest of trader, kept as {run}. [Report]({page.resolve().as_uri()})"
    assert page.is_file()
    told = {row["figure"]: row["value"] for row in json.loads(artifact.data)}
    assert told["end"] in state.message


async def test_a_time_without_a_zone_is_refused_before_anything_is_traded(desk):
    from flows.backtest import backtest_account

    naive = CLOSE.replace(tzinfo=None)
    made = backtest_account.with_options(result_storage=desk.installation.home / "results")
    state = await made("trader", naive, CLOSE, return_state=True)
    assert state.is_failed()
    assert "start" in state.message
    assert "timezone" in state.message
    assert Runs(desk.installation.home / "backtests").names() == ()
