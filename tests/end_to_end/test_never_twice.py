"""Many runs of one candle at once, through two workers: one cycle, and one order for each intent."""

import asyncio
from collections import Counter

import pytest

from desk.model.cycle import CycleState
from tests.end_to_end.conftest import POOL
from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site, finished
from tests.end_to_end.truth import books, compare

pytestmark = pytest.mark.end_to_end

TIMES = 20


async def test_a_deployment_started_twenty_times_for_one_candle_orders_once(site: Site, client):
    deployment = await site.deploy(client, "fx-crowd", POOL)

    started = await asyncio.gather(*(site.start(client, deployment, AT) for _ in range(TIMES)))
    ends = Counter(run.state.name for run in await finished(client, started))

    assert ends["Traded"] >= 1
    assert ends["Traded"] + ends["Cancelled"] == TIMES
    await _assert_one_cycle(site, "fx-crowd")


async def test_where_the_server_lets_all_of_them_run_the_desk_keeps_them_apart(site: Site, client):
    deployment = await site.deploy(client, "fx-race", POOL)
    await site.lift_limit(client, deployment)

    started = await asyncio.gather(*(site.start(client, deployment, AT) for _ in range(TIMES)))
    runs = await finished(client, started)
    ends = Counter(run.state.name for run in runs)

    assert ends["Traded"] >= 1
    assert ends["AccountBusy"] >= 1
    assert ends["Traded"] + ends["AccountBusy"] == TIMES
    # A run that is over in a moment may have ended before its worker told the server who runs it.
    assert {run.infrastructure_pid.split(":")[1] for run in runs if run.infrastructure_pid} == {"one", "two"}
    await _assert_one_cycle(site, "fx-race")


async def _assert_one_cycle(site: Site, account: str) -> None:
    compared = await compare(site.ledger_url, account)
    assert compared.orders == 2
    assert compared.is_clean, compared
    assert (await books(site.ledger_url, account)).cycles == {AT: CycleState.TRADED}
    assert site.post.titles(account) == [f"{account}: 2 orders"]
