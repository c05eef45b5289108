"""Prints what the doctor finds, and says by the exit code whether something has to be mended."""

import asyncio

from rich.text import Text

from console.failures import FAILED
from console.services.doctor.examination import examine_installation
from console.services.doctor.findings import Finding, Verdict
from console.services.health.prefect import prefect_api
from console.serving import pages_of_prefect
from console.showing import print_json, print_line, print_table
from desk.adapters.settings import settings

_STYLES = {Verdict.OK: "green", Verdict.SKIPPED: "dim", Verdict.WARNING: "yellow", Verdict.FAILURE: "bold red"}


def run_doctor(*, as_json: bool) -> int:
    """Print a line for each thing; return 1 where one of them is a failure."""
    findings = asyncio.run(_findings())
    if as_json:
        print_json(findings)
    else:
        print_table([_row(finding) for finding in findings])
        print_line(f"\n{_in_total(findings)}")
    return FAILED if any(finding.verdict is Verdict.FAILURE for finding in findings) else 0


async def _findings() -> list[Finding]:
    return [finding async for finding in examine_installation(settings(), prefect_api(pages_of_prefect()))]


def _row(finding: Finding) -> dict[str, object]:
    return {
        "what": finding.what,
        "verdict": Text(finding.verdict, style=_STYLES[finding.verdict]),
        "found": finding.found,
        "what to do": finding.advice,
    }


def _in_total(findings: list[Finding]) -> str:
    failures = sum(finding.verdict is Verdict.FAILURE for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if not failures and not warnings:
        return "Everything is as it should be."
    return f"{failures} to be mended, {warnings} to be looked at."
