import os
import subprocess
import sys
from uuid import UUID

import pytest

from deployments.worker_lock import RunLocks, hold_name
from desk.errors import ConfigError
from tests.prefect_server import process_environment

RUN = UUID("01a1f8d0-1fa8-713a-879b-7f1964e900ba")
TAKE = f"""
import sys
from pathlib import Path
from uuid import UUID
from deployments.worker_lock import RunLocks
with RunLocks(Path(sys.argv[1])) as locks, locks.hold(UUID("{RUN}")) as is_ours:
    print(is_ours)
"""


def taken_by_another_process(path) -> bool:
    command = [sys.executable, "-c", TAKE, str(path)]
    answer = subprocess.run(command, env=process_environment(), capture_output=True, check=True, text=True)
    return {"True": True, "False": False}[answer.stdout.strip()]


def test_a_name_belongs_to_one_worker_at_a_time(tmp_path):
    with (
        hold_name("desk-1", tmp_path),
        pytest.raises(ConfigError, match=f"no other worker named 'desk-1'.*process {os.getpid()}"),
        hold_name("desk-1", tmp_path),
    ):
        pass


def test_a_name_is_free_again_when_its_worker_has_ended(tmp_path):
    for _ in range(2):
        with hold_name("desk-1", tmp_path), hold_name("desk-2", tmp_path):
            pass


def test_a_run_is_taken_by_one_process_and_is_free_again_after_that(tmp_path):
    with RunLocks(tmp_path / "runs.lock") as locks:
        with locks.hold(RUN) as is_ours:
            assert is_ours
            assert not taken_by_another_process(tmp_path / "runs.lock")
        assert taken_by_another_process(tmp_path / "runs.lock")


def test_other_runs_can_be_taken_meanwhile(tmp_path):
    with RunLocks(tmp_path / "runs.lock") as locks, locks.hold(UUID(int=1)), locks.hold(UUID(int=2)):
        assert taken_by_another_process(tmp_path / "runs.lock")
