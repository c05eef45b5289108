"""The checkpoint of the audit: kept whole, for its owner alone."""

import stat

import pytest

from desk.adapters.checkpoints import CHECKPOINT_FILE, read_checkpoint, write_checkpoint
from desk.adapters.ledger.chain import Checkpoint
from desk.errors import ConfigError


def test_a_checkpoint_is_read_back_and_replaced(tmp_path):
    assert read_checkpoint(tmp_path) is None
    for known in (Checkpoint(3, "c0ffee"), Checkpoint(4, "beef")):
        write_checkpoint(tmp_path, known)
        assert read_checkpoint(tmp_path) == known
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_FILE]
    assert stat.S_IMODE((tmp_path / CHECKPOINT_FILE).stat().st_mode) == 0o600


def test_a_file_that_is_none_is_refused_with_what_to_do(tmp_path):
    (tmp_path / CHECKPOINT_FILE).write_text("three")
    with pytest.raises(ConfigError, match=r"expected a number and a hash.* delete it to begin anew"):
        read_checkpoint(tmp_path)
