"""Full decisions are made by every rule that can judge the peers' data, and are measured as a job like any other."""

from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from benchmarks.peers import measuring
from benchmarks.peers.measuring import our_jobs
from desk.plugin import Strategy
from desk.registry import Registry, risk_rules
from tests.builders import market

INSTALLATION = Path(measuring.__file__).parent / "installation"
LEFT_OUT = {"cooldown", "cooldown_after_loss", "event_blackout", "liquidity", "unusual_spread"}


def test_no_rule_is_left_out_without_being_named():
    policies = YAML(typ="safe").load(INSTALLATION / "policy.yaml")["policies"]
    used = {rule["name"] for name in ("usual", "every") for rule in policies[name]["rules"]}
    assert used | LEFT_OUT == set(risk_rules().discover())
    assert not used & LEFT_OUT


def test_every_way_of_ours_has_a_script_and_what_takes_minutes_runs_once():
    jobs = our_jobs()
    assert all(job.script.is_file() for job in jobs)
    assert {job.script.name for job in jobs} == {"ours.py", "deciding.py", "commanding.py"}
    assert [(job.variant, job.case) for job in jobs if job.rounds == 1] == [("command", "c")]


def test_the_strategy_begins_its_averages_at_the_first_value_as_the_floor_does():
    registry = Registry("strategy", "desk.strategies", Strategy, [INSTALLATION / "strategies"])
    past = market(count=200)
    scores = registry.build("peers_crossing", {}).evaluate(past)
    average, expected = past.own.close[0], []
    for close in past.own.close:
        average += 2 / 21 * (close - average)
        expected.append(average)
    np.testing.assert_allclose(scores.features["fast"], expected, rtol=1e-12)
    assert np.isnan(scores.score[:50]).all()
    assert not np.isnan(scores.score[50:]).any()
