"""A run that is resumed from the control room goes on where it stopped, and sends nothing twice."""

import pytest

from console.services.opening import OpenDesk
from console.services.resuming import ResumeOrder, resume
from desk.accounts import load_fleet
from desk.adapters.clocks import SystemClock
from desk.model.cycle import CycleState
from tests.flows.installation import CLOSE

pytestmark = pytest.mark.prefect


async def test_a_run_that_failed_after_its_orders_is_resumed_and_ends_without_another_one(desk):
    ledger, place = desk.installation.ledger, OpenDesk(load_fleet(desk.installation.config), desk.installation.ledger)
    desk.installation.sabotage("trader", task="record_cycle", error=ConnectionError("the line is dead"))
    run_id = await desk.deployed_run("trader")
    await desk.run(run_id)
    broken, sent = await desk.installation.record("trader"), await ledger.orders("trader")
    desk.installation.repair("trader")

    resumed = await resume(place, ResumeOrder("trader", CLOSE, "ana", "mended"), SystemClock())
    again = await desk.run(run_id)

    assert (broken.state, resumed.flow_run_id, resumed.state) == (CycleState.FAILED, str(run_id), "AwaitingRetry")
    assert resumed.outlook == "It carries out what was decided. What was sent is asked for, and not sent again."
    assert again.state.name == "Traded"
    assert await ledger.orders("trader") == sent
    assert len(sent) == len(await ledger.fills("trader")) == 1
    assert (await desk.installation.record("trader")).decision == broken.decision
    [entry] = [one for one in await ledger.audit_entries() if one.who == "ana"]
    assert (entry.action, entry.detail["why"]) == ("cycle resumed", "mended")
