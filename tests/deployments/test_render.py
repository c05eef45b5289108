import pytest
from ruamel.yaml import YAML

from deployments.plan import plan_fleet
from deployments.render import render
from desk.accounts import load_fleet
from tests.prefect_server import PROJECT


def test_prefect_yaml_says_what_the_accounts_say():
    file = PROJECT / "prefect.yaml"

    assert file.read_text() == render(plan_fleet(load_fleet(PROJECT / "config"))), "run `python -m deployments.render`"


def test_every_account_has_a_deployment_with_a_named_schedule_that_leaves_its_switch_to_the_operator():
    document = YAML(typ="safe").load((PROJECT / "prefect.yaml").read_text())

    scans = [item["name"] for item in document["deployments"] if item["entrypoint"] == "flows.scan.scan"]
    assert scans == list(load_fleet(PROJECT / "config").accounts)
    on_schedule = [item for item in document["deployments"] if item["entrypoint"] != "flows.backtest.backtest_account"]
    assert len(on_schedule) == len(document["deployments"]) - 1
    for item in on_schedule:
        [schedule] = item["schedules"]
        assert schedule["slug"] == "scan"
        assert "active" not in schedule


@pytest.mark.parametrize("unsafe", ["{{ secret }}", "text: with a colon", "# no comment", "'quoted'"])
def test_descriptions_come_through_yaml_unchanged(unsafe):
    from tests.deployments.fleets import account, planned

    document = YAML(typ="safe").load(render(planned(account("gold", description=unsafe))))

    assert document["deployments"][0]["description"] == unsafe
