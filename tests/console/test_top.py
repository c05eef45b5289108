"""`desk top` shows the fleet again and again until q is typed; without a terminal it shows it once."""

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

from tests.console.conftest import Desk, Fill
from tests.console.stories import failed, traded

ROOT = Path(__file__).parents[2]


def test_one_look_has_the_accounts_what_is_wrong_and_the_newest_decisions(fill: Fill, desk: Desk):
    fill(traded)
    fill(failed)
    desk("halt", "venue:oanda", "--why", "maintenance", "--as", "ana")
    ended = desk("top", "--once")
    assert ended.code == 0
    for told in (
        "10,012.34 USD",
        "and none has begun; failed: VenueUnavailable",
        "halted by ana: maintenance",
        "prefect server failing",
        "sample  2026-01-14 15:05 UTC, failed",
        "sample  2026-01-14 15:00 UTC, traded",
    ):
        assert told in ended.out, ended.out


def test_a_program_gets_the_same_as_json(fill: Fill, desk: Desk):
    fill(traded)
    found = desk("top", "--json").json
    assert [row["account"] for row in found["accounts"]] == ["sample", "fresh", "resting"]
    assert [bool(row["overdue"]) for row in found["accounts"]] == [True, False, False]
    assert (found["cycles"][0]["state"], found["components"]["database"]) == ("traded", "ok")


def test_q_ends_it_and_leaves_the_terminal_as_it_was(fill: Fill):
    fill(traded)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "150", "LINES": "40"}
    command = [sys.executable, "-c", "from console.main import main; main(['top'])"]
    with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as showing:
        seen = b""
        while b"q ends it" not in seen:
            assert select.select([ours], [], [], 30)[0], seen.decode()
            seen += os.read(ours, 65536)
        os.write(ours, b"q")
        assert showing.wait(30) == 0
    assert b"sample" in seen
    while select.select([ours], [], [], 0)[0]:
        seen += os.read(ours, 65536)
    assert b"\x1b[?1049l" in seen  # back from the screen of its own
    os.close(ours)
    os.close(theirs)
