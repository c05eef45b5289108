"""What a page of a log shows: the lines that tell something, or all."""

import asyncio
from pathlib import Path

import pytest

from console.services.logs import LogQuestion, PageOfLines, page_of_lines
from desk.adapters.logs.events import NOTHING_TO_WATCH
from desk.adapters.settings import Settings
from tests.console.test_logs import line

IDLE = f"sample: not watched, {NOTHING_TO_WATCH}"


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """An installation whose log is mostly of watches that had nothing to do."""
    began = line("Beginning flow run 'watch sample' for flow 'watch'", run_name="watch sample")
    idle = began + line(IDLE, account="sample", run_name="watch sample")
    stop = line("a stop was set", account="sample", run_name="watch sample")
    scanned = line("Beginning flow run 'scan sample'", run_name="scan sample") + line("cycle ended", account="sample")
    path = tmp_path / "logs" / "trading_system.log"
    path.parent.mkdir()
    path.write_bytes(scanned + idle * 3 + began + stop + line(IDLE, "error", run_name="watch sample") + idle)
    return Settings(home=tmp_path)


def page(chosen: Settings, *, limit: int = 50, with_idle: bool = False) -> PageOfLines:
    return asyncio.run(page_of_lines(chosen, LogQuestion(with_idle=with_idle), limit=limit))


def test_watches_that_had_nothing_to_do_are_left_out_and_counted(chosen: Settings):
    found = page(chosen)
    assert [entry.event for entry in found.entries] == [
        IDLE,  # as an error it is one
        "a stop was set",
        "cycle ended",
        "Beginning flow run 'scan sample'",
    ]
    assert found.left_out == 9
    assert (len(page(chosen, limit=2).entries), page(chosen, limit=2).left_out) == (2, 2)


def test_they_are_shown_where_somebody_asks_for_them(chosen: Settings):
    found = page(chosen, with_idle=True)
    assert (len(found.entries), found.left_out) == (13, 0)
    assert len(page(chosen, limit=5, with_idle=True).entries) == 5
