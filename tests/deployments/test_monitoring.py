"""Alert rules and dashboards ask for figures that there are, and every rule fires for the series that it is for.

The rules themselves are run by Prometheus' own tool where it is on the PATH; Debian has it in the package `prometheus`.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from console.handbook.dashboards import ACCOUNT, FLEET, MACHINERY
from console.services.metrics.catalogue import CATALOGUE, Kind

FOLDER = Path(__file__).parents[2] / "deployments" / "monitoring"
PROMTOOL = shutil.which("promtool")
METRICS = {metric.name: metric for metric in CATALOGUE}
_NAME = re.compile(r"scandesk_\w+")
_SELECTED = re.compile(r"(scandesk_\w+)\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!=|!~|=)")
_GROUPED = re.compile(r"by \(([^)]*)\)")
_COUNTED = re.compile(r"(?:increase|rate)\((scandesk_\w+)")


def loaded(name: str) -> Any:
    return YAML(typ="safe").load(FOLDER / name)


def rules() -> dict[str, dict[str, Any]]:
    [group] = loaded("alerts.yaml")["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules().values())
    yield from (query for panel in (*FLEET, *ACCOUNT, *MACHINERY) for query in panel.queries.values())


@pytest.mark.parametrize("expression", list(expressions()))
def test_an_expression_asks_for_metrics_and_labels_that_there_are(expression: str):
    asked = [METRICS[name] for name in _NAME.findall(expression)]
    assert asked
    for name, selection in _SELECTED.findall(expression):
        assert set(_LABEL.findall(selection)) <= set(METRICS[name].labels), name
    known = {label for metric in asked for label in metric.labels}
    for labels in _GROUPED.findall(expression):
        assert {label.strip() for label in labels.split(",")} <= known
    assert {METRICS[name].kind for name in _COUNTED.findall(expression)} <= {Kind.COUNTER}


def test_words_about_an_alert_use_labels_that_it_has():
    for name, rule in rules().items():
        expression = rule["expr"]
        grouped = _GROUPED.findall(expression)
        labels = {one.strip() for text in grouped for one in text.split(",")} or {
            label for one in _NAME.findall(expression) for label in METRICS[one].labels
        }
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        assert used <= labels, name


def test_every_alert_has_a_series_that_it_fires_for():
    fired = {case["alert_rule_test"][0]["alertname"] for case in loaded("alerts_test.yaml")["tests"]}
    assert fired == set(rules())


def test_every_metric_is_on_a_dashboard():
    shown = {
        name
        for panel in (*FLEET, *ACCOUNT, *MACHINERY)
        for query in panel.queries.values()
        for name in _NAME.findall(query)
    }
    assert set(METRICS) == shown


@pytest.mark.parametrize("name", ["fleet", "account", "machinery"])
def test_a_dashboard_has_no_panel_over_another_and_a_source_that_can_be_chosen(name: str):
    dashboard = json.loads((FOLDER / "grafana" / f"{name}.json").read_text())
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    cells = [(place["x"] + x, place["y"]) for place in places for x in range(place["w"])]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert dashboard["templating"]["list"][0]["type"] == "datasource"
    assert all(
        target["datasource"]["uid"] == "${datasource}" for panel in dashboard["panels"] for target in panel["targets"]
    )


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool on the PATH: apt-get install prometheus")
def test_every_alert_fires_for_its_series_and_for_no_other():
    for words in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]):
        ended = subprocess.run([str(PROMTOOL), *words], cwd=FOLDER, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool on the PATH: apt-get install prometheus")
def test_the_queries_of_the_dashboards_are_understood(tmp_path: Path):
    queries = [
        query.replace("$account", ".*") for panel in (*FLEET, *ACCOUNT, *MACHINERY) for query in panel.queries.values()
    ]
    told = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "queries", "rules": told}]}))
    command = [str(PROMTOOL), "check", "rules", "--lint=none", str(tmp_path / "rules.json")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
