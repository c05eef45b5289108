"""The parts of a Grafana dashboard: panels of queries, laid out in rows of two dozen columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
"""The source of all figures, which a person chooses at the top of the page."""

_COLUMNS, _HEIGHT = 24, 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure, line chart or table.

    Attributes:
        queries: expressions of PromQL by their legend.
        unit: as Grafana names it: `s`, `percentunit`, `short`.
        kind: `timeseries`, `stat` or `bargauge`.
        width: in columns of 24.
    """

    title: str
    queries: Mapping[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12


@dataclass(frozen=True, slots=True)
class Variable:
    """What a person chooses at the top of the page, from the values of a label."""

    name: str
    query: str


def render_dashboard(uid: str, title: str, panels: Sequence[Panel], variables: Sequence[Variable] = ()) -> str:
    """Return the JSON of a dashboard, as Grafana provisions it."""
    dashboard = {
        "uid": uid,
        "title": title,
        "tags": ["scandesk"],
        "timezone": "utc",
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [_source(), *map(_variable, variables)]},
        "panels": list(_laid_out(panels)),
    }
    return orjson.dumps(dashboard, option=orjson.OPT_INDENT_2).decode() + "\n"


def _source() -> dict[str, object]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}


def _variable(variable: Variable) -> dict[str, object]:
    return {
        "name": variable.name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": variable.query, "refId": variable.name},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "current": {"text": "All", "value": "$__all"},
    }


def _laid_out(panels: Iterable[Panel]) -> Iterable[dict[str, object]]:
    column = row = 0
    for number, panel in enumerate(panels, 1):
        if column + panel.width > _COLUMNS:
            column, row = 0, row + _HEIGHT
        yield _panel(number, panel, {"x": column, "y": row, "w": panel.width, "h": _HEIGHT})
        column += panel.width


def _panel(number: int, panel: Panel, place: Mapping[str, int]) -> dict[str, object]:
    targets = [
        {"refId": chr(ord("A") + position), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
        for position, (legend, expression) in enumerate(panel.queries.items())
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": targets,
    }
