"""Which pages are generated, and by what."""

from collections.abc import Callable, Mapping
from pathlib import Path

from console.handbook.dashboards import render_account, render_fleet, render_machinery
from console.handbook.ledger import render_ledger
from console.handbook.metrics import render_metrics
from console.handbook.plug_ins import render_plug_ins
from console.handbook.reason_codes import render_reason_codes
from console.handbook.schemas import SCHEMAS
from console.handbook.settings import render_settings
from console.reference import render_reference as render_command_line
from desk.accounts.reference import render_reference as render_configuration

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/cli.md": render_command_line,
    "docs/reference/configuration.md": render_configuration,
    "docs/reference/ledger.md": render_ledger,
    "docs/reference/metrics.md": render_metrics,
    "docs/reference/plug-ins.md": render_plug_ins,
    "docs/reference/reason-codes.md": render_reason_codes,
    "docs/reference/settings.md": render_settings,
    **SCHEMAS,
    "deployments/monitoring/grafana/fleet.json": render_fleet,
    "deployments/monitoring/grafana/account.json": render_account,
    "deployments/monitoring/grafana/machinery.json": render_machinery,
}
"""The function that renders each page, by its path from the root of the checkout."""


def write_pages(root: Path) -> list[str]:
    """Write the pages that are not up to date, and return their paths."""
    stale = [page for page in PAGES if not is_current(root, page)]
    for page in stale:
        path = root / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGES[page](), encoding="utf-8")
    return stale


def is_current(root: Path, page: str) -> bool:
    """Whether a page says what the code says."""
    path = root / page
    return path.is_file() and path.read_text(encoding="utf-8") == PAGES[page]()
