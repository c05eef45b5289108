import os

import pytest

from deployments.worker_lock import hold_name
from desk.errors import ConfigError


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
