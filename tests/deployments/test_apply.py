"""Deployments on a real server."""

import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from deployments.apply import Action, Change, apply, carry_out, compare, describe
from deployments.child import start_child
from deployments.plan import POOL
from deployments.render import render
from desk.accounts import Schedule
from tests.deployments.fleets import account, planned

pytestmark = pytest.mark.prefect

CRON = Schedule(cron="2 8-17 * * 1-5", timezone="Europe/Berlin")
RRULE = Schedule(rrule="RRULE:FREQ=HOURLY;BYMINUTE=2")
FLEET = planned(account("gold"), account("daily", CRON), account("rule", RRULE), account("resting", active=False))


@pytest.fixture
async def client(prefect_client, monkeypatch):
    """A server without any deployment of ours."""
    monkeypatch.syspath_prepend("tests/deployments")
    await apply(prefect_client, [])
    yield prefect_client
    await apply(prefect_client, [])


def actions(changes) -> dict[str, str]:
    return {change.name.removeprefix("scan/"): change.action.value for change in changes}


async def deployment(client, name):
    return await client.read_deployment_by_name(f"scan/{name}")


async def test_a_new_fleet_is_created_and_a_second_time_nothing_changes(client):
    assert set(actions(await apply(client, FLEET)).values()) == {"create"}
    assert actions(await apply(client, FLEET)) == dict.fromkeys(("gold", "daily", "rule", "resting"), "keep")

    gold, resting = await deployment(client, "gold"), await deployment(client, "resting")
    assert (gold.paused, resting.paused) == (False, True)
    assert gold.global_concurrency_limit.limit == 1
    assert gold.concurrency_options.collision_strategy == "CANCEL_NEW"
    assert gold.concurrency_options.grace_period_seconds == 60
    assert gold.pull_steps == []
    assert (await client.read_work_pool(POOL)).type == "desk"


def test_what_stays_as_it_is_is_counted_and_not_listed():
    kept = [Change(f"scan/{name}", Action.KEEP) for name in ("gold", "daily")]
    gone = Change("scan/rule", Action.REMOVE)
    assert describe([kept[0], gone, kept[1]]).splitlines() == ["- scan/rule  remove", "  2 stay as they are"]
    assert describe([gone, kept[0]]).splitlines()[-1] == "  1 stays as it is"
    assert describe([gone]) == "- scan/rule  remove"


async def test_a_change_is_shown_first_and_then_made(client):
    await apply(client, FLEET[:1])
    slower = planned(account("gold", Schedule(every=timedelta(minutes=15)), config_version="def456"))

    [shown] = await compare(client, slower)
    assert (await deployment(client, "gold")).version == "abc123"
    [made] = await apply(client, slower)

    assert shown.differences == made.differences
    assert describe([shown]).splitlines()[0] == "~ scan/gold  update"
    assert "    version: abc123 → def456" in describe([shown]).splitlines()
    gold = await deployment(client, "gold")
    assert gold.version == "def456"
    [schedule] = gold.schedules
    assert schedule.schedule.interval == timedelta(minutes=15)


async def test_what_somebody_removes_meanwhile_is_made_anew_or_left_alone(client):
    await apply(client, FLEET[:2])
    later = planned(account("gold", config_version="def456"))
    changes = await compare(client, later)
    assert actions(changes) == {"gold": "update", "daily": "remove"}
    for name in ("gold", "daily"):
        await client.delete_deployment((await deployment(client, name)).id)

    await carry_out(client, changes)

    assert actions(await compare(client, later)) == {"gold": "keep"}


async def test_a_pause_and_a_switched_off_schedule_of_the_operator_survive_a_change(client):
    await apply(client, FLEET[:1])
    gold = await deployment(client, "gold")
    await client.pause_deployment(gold.id)
    await client.update_deployment_schedule(gold.id, gold.schedules[0].id, active=False)

    [change] = await apply(client, planned(account("gold", RRULE, description="Other words.")))

    gold = await deployment(client, "gold")
    assert change.action == Action.UPDATE
    assert gold.description == "Other words."
    assert gold.paused
    assert [schedule.active for schedule in gold.schedules] == [False]


async def test_an_account_that_becomes_inactive_is_paused_and_runs_again_when_it_is_active(client):
    await apply(client, FLEET[:1])

    await apply(client, planned(account("gold", active=False)))
    assert (await deployment(client, "gold")).paused
    await apply(client, FLEET[:1])
    assert not (await deployment(client, "gold")).paused


async def test_the_deployment_of_an_account_that_is_gone_is_removed_and_a_foreign_one_is_not(client):
    await apply(client, FLEET[:2])
    flow = await client.create_flow_from_name("scan")
    foreign = await client.create_deployment(flow, "foreign", entrypoint="sample_flows.scan")

    changes = await apply(client, FLEET[:1])

    assert actions(changes) == {"gold": "keep", "daily": "remove"}
    names = {found.name for found in await client.read_deployments()}
    assert {"gold", "foreign"} <= names
    assert "daily" not in names
    await client.delete_deployment(foreign)


async def test_prefect_deploy_makes_the_same_deployments_from_the_rendered_file(client, prefect_server, tmp_path):
    (tmp_path / "prefect.yaml").write_text(render(FLEET))

    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    child = start_child(
        command, environment=prefect_server.environment, directory=tmp_path, log=tmp_path / "deploy.log"
    )
    code = child.wait(60)

    assert code == 0, child.log_tail()
    changes = await compare(client, FLEET)
    assert {change.action for change in changes} == {Action.KEEP}, describe(changes)
    assert [(await deployment(client, name)).paused for name in ("gold", "resting")] == [False, True]


async def test_deployments_of_the_same_name_of_two_flows_are_two(client):
    both = (*planned(account("fleet")), replace(planned(account("fleet"))[0], flow="reconcile"))

    await apply(client, both)

    assert {change.name: change.action for change in await compare(client, both)} == {
        "scan/fleet": Action.KEEP,
        "reconcile/fleet": Action.KEEP,
    }
    assert [(change.name, change.action) for change in await apply(client, both[:1])] == [
        ("scan/fleet", Action.KEEP),
        ("reconcile/fleet", Action.REMOVE),
    ]
