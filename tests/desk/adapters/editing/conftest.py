"""A folder with the configuration of the command line's tests."""

from pathlib import Path

import pytest

from tests.console.conftest import ACCOUNTS, POLICY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound configuration of three accounts."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "accounts.yaml").write_text(ACCOUNTS, encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return folder
