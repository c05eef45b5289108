from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deployments.plan import PlannedSchedule, plan, plan_fleet
from desk.accounts import Schedule
from desk.accounts.portfolio import PortfolioFile
from tests.deployments.fleets import account, fleet


def planned(*arguments, **changes):
    [deployment] = plan(fleet(account(*arguments, **changes)))
    return deployment


def test_an_account_becomes_a_deployment_of_the_flow_scan():
    deployment = planned("gold", venue="coinbase", mode="dry_run")

    assert deployment.full_name == "scan/gold"
    assert deployment.entrypoint == "flows.scan.scan"
    assert deployment.parameters == {"account": "gold"}
    assert deployment.tags == ("scandesk", "account:gold", "venue:coinbase", "mode:dry_run")
    assert (deployment.description, deployment.version, deployment.active) == ("About gold.", "abc123", True)


def test_an_inactive_account_is_planned_as_such_and_says_so():
    deployment = planned("gold", active=False)

    assert not deployment.active
    assert deployment.tags[-1] == "inactive"


def test_an_account_without_a_description_gets_one():
    assert planned("gold", description="").description == "Scans the account gold."


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (
            Schedule(every="5m", offset="20s"),
            PlannedSchedule(
                interval=timedelta(minutes=5), anchor=datetime(2024, 1, 1, second=20, tzinfo=UTC), timezone="UTC"
            ),
        ),
        (
            Schedule(cron="2 8-17 * * 1-5", timezone="Europe/Berlin"),
            PlannedSchedule(cron="2 8-17 * * 1-5", timezone="Europe/Berlin"),
        ),
        (Schedule(rrule="FREQ=HOURLY;BYMINUTE=2"), PlannedSchedule(rrule="FREQ=HOURLY;BYMINUTE=2", timezone="UTC")),
    ],
)
def test_schedules_keep_their_kind_their_offset_and_their_zone(schedule, expected):
    assert planned("gold", schedule).schedule == expected


@pytest.mark.parametrize(("every", "seconds"), [("10s", 30), ("1m", 60), ("5m", 300), ("4h", 300)])
def test_a_scan_must_have_ended_when_the_next_is_due(every, seconds):
    assert planned("gold", Schedule(every=every)).job_variables["timeout_seconds"] == seconds


def test_lateness_is_told_to_the_worker_in_seconds():
    assert planned("gold", late_after=timedelta(minutes=2)).job_variables["late_after_seconds"] == 120


def test_the_fleet_is_reconciled_by_one_deployment_away_from_the_closes_of_candles():
    *others, reconciliation = plan_fleet(fleet(account("gold"), account("silver")))

    assert [item.name for item in others if item.flow == "scan"] == ["gold", "silver"]
    assert reconciliation.full_name == "reconcile/fleet"
    assert reconciliation.parameters == {"account": "fleet"}
    assert reconciliation.schedule.interval == timedelta(minutes=15)
    assert reconciliation.schedule.anchor == datetime(2024, 1, 1, minute=2, second=40, tzinfo=UTC)


def test_what_can_hold_something_is_watched_and_what_is_inactive_is_not():
    accounts = (
        account("gold"),
        account("often", watch="10s"),
        account("off", watch="off"),
        account("dry", mode="dry_run"),
        account("rests", active=False),
        account("real", mode="live"),
    )
    watches = {item.name: item for item in plan_fleet(fleet(*accounts)) if item.flow == "watch"}

    assert {name: item.schedule.interval for name, item in watches.items()} == {
        "gold": timedelta(seconds=30),
        "often": timedelta(seconds=10),
        "real": timedelta(minutes=2),
    }
    assert watches["gold"].full_name == "watch/gold"
    assert watches["gold"].parameters == {"account": "gold"}
    assert watches["gold"].job_variables == {"late_after_seconds": 30, "timeout_seconds": 65}


def test_one_deployment_reviews_the_strategies_of_the_fleet_once_a_day():
    (review,) = (item for item in plan_fleet(fleet(account("gold"))) if item.flow == "review-strategies")
    assert (review.full_name, review.parameters, review.active) == ("review-strategies/fleet", {}, True)
    assert review.schedule.interval == timedelta(days=1)
    assert review.job_variables["late_after_seconds"] == 12 * 3600


def test_money_is_planned_once_a_day_where_somebody_says_how_it_is_to_be_shared_out():
    made = fleet(account("gold"))
    assert "rebalance" not in [item.flow for item in plan_fleet(made)]
    (planned,) = (item for item in plan_fleet(replace(made, portfolio=PortfolioFile())) if item.flow == "rebalance")
    assert (planned.full_name, planned.schedule.interval) == ("rebalance/fleet", timedelta(days=1))


def test_one_guardian_looks_after_the_whole_fleet_every_minute():
    (guardian,) = (item for item in plan_fleet(fleet(account("gold"))) if item.flow == "guardian")
    assert (guardian.full_name, guardian.parameters, guardian.active) == ("guardian/fleet", {}, True)
    assert guardian.schedule.interval == timedelta(minutes=1)


def test_backtests_run_when_somebody_asks_and_are_given_an_hour():
    [planned] = [one for one in plan_fleet(fleet(account("gold"))) if one.flow == "backtest"]

    assert (planned.full_name, planned.schedule) == ("backtest/fleet", None)
    assert planned.job_variables["timeout_seconds"] > 3_600
