"""`desk logs` prints what was logged: of everything, of one account, of one cycle."""

from pathlib import Path

import orjson
import pytest

from tests.console.conftest import Desk

CYCLE = "2026-01-14T15:00:00Z"


def line(event: str, level: str = "info", **more: object) -> bytes:
    told = {"time": "2026-01-14T15:00:01.250Z", "level": level, "logger": "scandesk.events", "event": event}
    return orjson.dumps({**told, "process": 7, **more}) + b"\n"


@pytest.fixture
def logged(home: Path) -> Path:
    path = home / "logs" / "trading_system.log"
    path.parent.mkdir()
    path.write_bytes(
        line("stage ended", account="sample", cycle=CYCLE, stage="fetch_candles", seconds=0.5)
        + line("cycle ended", "error", account="sample", cycle=CYCLE, exception="Traceback\nValueError: broken")
        + line("stage ended", account="fresh", cycle=CYCLE)
    )
    return path


def test_lines_are_printed_oldest_first_with_what_they_are_about(logged: Path, desk: Desk):
    ended = desk("logs")
    assert ended.out.splitlines() == [
        f"2026-01-14 15:00:01  info     sample {CYCLE}  stage ended  stage=fetch_candles  seconds=0.5",
        f"2026-01-14 15:00:01  error    sample {CYCLE}  cycle ended",
        "Traceback",
        "ValueError: broken",
        f"2026-01-14 15:00:01  info     fresh {CYCLE}  stage ended",
    ]


def test_lines_of_a_cycle_are_found_by_the_time_that_a_person_types(logged: Path, desk: Desk):
    found = desk("logs", "--account", "sample", "--cycle", "2026-01-14T15:00", "--json").json
    assert [one["event"] for one in found] == ["stage ended", "cycle ended"]
    assert found[0]["facts"] == {"process": 7, "stage": "fetch_candles", "seconds": 0.5}
    assert desk("logs", "--cycle", "2026-01-14T15:05").out.startswith("Nothing was logged")
    assert desk("logs", "--cycle", "yesterday").code == 2


def test_only_grave_lines_are_printed_where_those_are_asked_for(logged: Path, desk: Desk):
    assert [one["account"] for one in desk("logs", "--level", "warning", "--json").json] == ["sample"]
    assert [one["account"] for one in desk("logs", "--limit", "1", "--json").json] == ["fresh"]


def test_a_desk_that_never_ran_has_nothing_to_say(home: Path, desk: Desk):
    assert desk("logs", "dashboard").out.startswith("Nothing was logged")
