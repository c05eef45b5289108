"""A variable of `.env` is written, and nothing else of the file is touched."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.adapters.credentials.env_file import read_env_file, write_env_file
from desk.errors import ConfigError

WRITTEN = "# keys\r\nexport TOKEN = 'old one'  # of the practice account\r\n\n\nOTHER=1 # of another\n# the end"
EXAMPLES = int(os.environ.get("DESK_EDIT_EXAMPLES", "20"))
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def test_only_the_value_is_another_one(path: Path):
    path.write_bytes(WRITTEN.encode())
    write_env_file(path, "TOKEN", "abc")
    assert bytes_of(path) == WRITTEN.replace("'old one'", "abc").encode()
    write_env_file(path, "OTHER", "a b")
    assert bytes_of(path) == WRITTEN.replace("'old one'", "abc").replace("=1 ", "='a b' ").encode()


def test_a_new_variable_comes_to_the_end_on_a_line_of_its_own(path: Path):
    path.write_bytes(WRITTEN.encode())
    write_env_file(path, "NEW", "x")
    assert bytes_of(path) == f"{WRITTEN}\nNEW=x\n".encode()


def test_only_the_owner_may_read_it(path: Path):
    write_env_file(path, "TOKEN", "abc")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    write_env_file(path, "TOKEN", "abc")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == [".env"]


def test_of_several_the_last_is_changed_because_it_holds(path: Path):
    path.write_text("TOKEN=1\nTOKEN=2\n")
    write_env_file(path, "TOKEN", "3")
    assert path.read_text() == "TOKEN=1\nTOKEN=3\n"


@pytest.mark.parametrize("value", ["abc", "it's", 'a "b"', "a\\nb", "#x", "a #b", " lead ", PEM, "ü", "a=b"])
def test_what_is_written_is_read_again(path: Path, value: str):
    path.write_text("TOKEN\nBEFORE=1\n")
    write_env_file(path, "TOKEN", value)
    assert read_env_file(path) == {"TOKEN": value, "BEFORE": "1"}


@settings(max_examples=EXAMPLES)
@given(
    value=st.text(st.characters(codec="utf-8", exclude_characters="\x00$"), min_size=1),
    before=st.sampled_from(["", WRITTEN]),
)
def test_any_text_is_read_as_it_was_written_or_refused(tmp_path_factory, value: str, before: str):
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_bytes(before.encode())
    try:
        write_env_file(path, "TOKEN", value)
    except ConfigError:
        assert bytes_of(path) == before.encode()
    else:
        kept = {"OTHER": "1"} if before else {}
        assert read_env_file(path) == {**kept, "TOKEN": value}


def test_what_would_be_read_as_something_else_is_refused_and_not_repeated(path: Path):
    path.write_text("OTHER=1\n")
    with pytest.raises(ConfigError, match="found another for TOKEN") as told:
        write_env_file(path, "TOKEN", "canary${OTHER}")
    assert "canary" not in str(told.value)
    assert path.read_text() == "OTHER=1\n"


def test_a_link_stays_one(path: Path):
    elsewhere = path.with_name("elsewhere")
    elsewhere.write_text("TOKEN=1\n")
    path.symlink_to(elsewhere)
    write_env_file(path, "TOKEN", "2")
    assert path.is_symlink()
    assert elsewhere.read_text() == "TOKEN=2\n"


def test_a_file_that_changed_is_read_again(path: Path):
    assert read_env_file(path) == {}
    path.write_text("TOKEN=1\n")
    assert read_env_file(path) == {"TOKEN": "1"}
    path.write_text("TOKEN=2\n")
    os.utime(path, (1, 1))
    assert read_env_file(path) == {"TOKEN": "2"}


def test_a_file_in_another_encoding_is_left_alone(path: Path):
    path.write_bytes(b"TOKEN=\xff\n")
    with pytest.raises(ConfigError, match="expected text in UTF-8"):
        write_env_file(path, "TOKEN", "2")
