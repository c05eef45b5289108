"""Replies about backtests that are kept, and their reports, each shut up in a page of its own."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import FileResponse

from console.api.asking import InRoom, Turned
from console.services.backtests import Compared, RunPage, compared, report_of, run_page
from desk.adapters.backtests.runs import Runs

router = APIRouter(tags=["look"])

_SHUT_UP = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""A report runs its own script, as of another site: it sees no cookie, and can ask nobody for anything."""


@router.get("/api/backtests")
async def backtests(room: InRoom, turn: Turned) -> RunPage:
    """Backtests that are kept, the newest first."""
    return await asyncio.to_thread(run_page, Runs(room.chosen.backtests), turn)


@router.get("/api/backtests/compare")
async def compare(room: InRoom, run: Annotated[list[str], Query(min_length=2, max_length=10)]) -> Compared:
    """Backtests side by side, and what was different about them; ids, or parts that no other has."""
    return await asyncio.to_thread(compared, Runs(room.chosen.backtests), run)


@router.get("/backtests/{name}/report", response_class=FileResponse, include_in_schema=False)
async def report(room: InRoom, name: str) -> FileResponse:
    """Return the report of a backtest."""
    path = await asyncio.to_thread(report_of, Runs(room.chosen.backtests), name)
    return FileResponse(path, media_type="text/html; charset=utf-8", headers={"content-security-policy": _SHUT_UP})
