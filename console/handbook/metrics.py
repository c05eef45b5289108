"""The page of metrics, from the catalogue."""

from console.handbook.markdown import code, page, table
from console.services.metrics.catalogue import CATALOGUE, Kind

_INTRODUCTION = """\
What `/metrics` of the dashboard tells Prometheus. All of it is read from the ledger when it is asked for, so that every
process that scans is counted, and a restart of the dashboard begins no counter anew. What has no value has no sample.
[Watch the fleet](../how-to/watch-the-fleet.md) says how to read it, with dashboards and alert rules.
"""


def render_metrics() -> str:
    """Return the page: counters, then gauges, in the order of the catalogue."""
    blocks = [block for kind in Kind for block in (f"## {kind.value.capitalize()}s", _table(kind))]
    return page("Metrics", _INTRODUCTION, blocks)


def _table(kind: Kind) -> str:
    rows = [
        (code(metric.name), " ".join(map(code, metric.labels)), f"{metric.meaning}.")
        for metric in CATALOGUE
        if metric.kind is kind
    ]
    return table(("Metric", "Labels", "Meaning"), rows)
