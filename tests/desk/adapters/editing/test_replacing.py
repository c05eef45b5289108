"""Who may write, and when a file is not replaced."""

from pathlib import Path

import pytest

from desk.adapters.editing.replacing import one_writer, read_if_there, replace_file
from desk.errors import ConfigError


def nothing() -> None:
    """What happens just before."""


def test_a_second_writer_waits_and_then_says_that_there_is_another(folder: Path):
    with (
        one_writer(folder),
        pytest.raises(ConfigError, match="another process that does"),
        one_writer(folder, patience=0.1),
    ):
        pass
    with one_writer(folder, patience=0):
        pass


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(ConfigError, match="expected a folder that can be written"), one_writer(tmp_path / "nowhere"):
        pass


def test_a_new_file_is_written_and_one_that_came_meanwhile_is_kept(tmp_path: Path):
    path = tmp_path / "events.yaml"
    replace_file(path, None, b"events: []\n", just_before=nothing)
    with pytest.raises(ConfigError, match="found another"):
        replace_file(path, None, b"other\n", just_before=nothing)
    assert read_if_there(path) == b"events: []\n"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    assert read_if_there(tmp_path / "none") is None
    with pytest.raises(ConfigError, match="expected a file that can be read"):
        read_if_there(tmp_path)
