"""A file is put in place whole or not at all, and nothing is left beside it."""

import pytest

from desk.adapters.placing import put_in_place
from desk.errors import DataError, LedgerError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write_half(path):
    with put_in_place(path, fails_as=DataError) as partial:
        partial.write_text("half")
        raise ZeroDivisionError


def test_a_file_takes_the_place_of_the_one_before(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")
    with put_in_place(path, fails_as=DataError) as partial:
        partial.write_text("after")
        assert path.read_text() == "before"
    assert (path.read_text(), names(tmp_path)) == ("after", ["file"])


def test_an_error_leaves_the_one_before_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError):
        write_half(path)
    assert (path.read_text(), names(tmp_path)) == ("before", ["file"])


@pytest.mark.parametrize("kind", [DataError, LedgerError])
def test_what_cannot_be_written_is_told_as_the_caller_wants(tmp_path, kind):
    path = tmp_path / "nowhere" / "file"
    with pytest.raises(kind, match="expected a file that can be written"), put_in_place(path, fails_as=kind) as partial:
        partial.write_text("half")
