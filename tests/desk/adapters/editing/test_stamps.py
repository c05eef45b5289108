from pathlib import Path

import pytest

from desk.adapters.editing.stamps import stamp_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts.yaml").write_text("accounts: {}\n")
    (tmp_path / "policy.yaml").write_text("risk: {}\n")
    return tmp_path


def test_a_stamp_is_the_same_until_a_file_is_changed_added_or_removed(folder: Path):
    before = stamp_of(folder)
    assert stamp_of(folder) == before
    (folder / "policy.yaml").write_text("risk: {a: 1}\n")
    changed = stamp_of(folder)
    (folder / "events.yaml").write_text("")
    added = stamp_of(folder)
    (folder / "accounts.yaml").unlink()
    assert len({before, changed, added, stamp_of(folder)}) == 4


def test_a_file_that_goes_while_it_is_looked_at_is_passed_over(folder: Path):
    whole = stamp_of(folder)
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    assert stamp_of(folder) == whole
