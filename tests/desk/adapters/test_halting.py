"""The triggers beside the ledger: a file and a variable halt, whatever is in them."""

from pathlib import Path

import pytest

from desk.adapters.halting import HALT_FILE, HaltTriggers
from desk.adapters.settings import Settings
from desk.model.books import TradingState


def triggers(home: Path, ordered: str = "") -> HaltTriggers:
    return HaltTriggers.of(Settings(home=home, halt=ordered))


def test_without_file_and_variable_nothing_is_halted(tmp_path):
    assert triggers(tmp_path)() == ()
    assert triggers(tmp_path / "missing")() == ()


def test_the_text_of_the_file_is_the_reason(tmp_path):
    pulled = triggers(tmp_path)
    (tmp_path / HALT_FILE).write_text("odd prices\n  since noon\x00\n")
    (halt,) = pulled()
    assert (halt.state, halt.why, str(halt.scope)) == (TradingState.HALTED, "odd prices since noon", "fleet")
    assert halt.who == f"the file {tmp_path / HALT_FILE}"
    (tmp_path / HALT_FILE).unlink()
    assert pulled() == ()


def test_the_variable_halts_with_its_text(tmp_path, monkeypatch):
    monkeypatch.setenv("DESK_HALT", "maintenance")
    (halt,) = HaltTriggers.of(Settings(home=tmp_path))()
    assert (halt.state, halt.who, halt.why) == (TradingState.HALTED, "DESK_HALT", "maintenance")


@pytest.mark.parametrize("kind", ["empty", "not text", "a folder", "a dead link"])
def test_a_file_that_cannot_be_read_halts_too(tmp_path, kind):
    path = tmp_path / HALT_FILE
    if kind == "empty":
        path.touch()
    elif kind == "not text":
        path.write_bytes(b"\xff\xfe\x00")
    elif kind == "a folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    assert [halt.state for halt in triggers(tmp_path)()] == [TradingState.HALTED]


def test_a_dead_link_and_a_folder_say_what_they_are(tmp_path):
    (tmp_path / HALT_FILE).symlink_to("nowhere")
    assert [halt.why for halt in triggers(tmp_path)()] == ["it leads nowhere"]
    (tmp_path / HALT_FILE).unlink()
    (tmp_path / HALT_FILE).mkdir()
    assert [halt.why for halt in triggers(tmp_path)()] == ["it cannot be read: Is a directory"]
