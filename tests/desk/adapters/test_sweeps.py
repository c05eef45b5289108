"""The record of a sweep survives a process that is killed, and is never taken for that of another sweep."""

import pytest

from desk.adapters.sweeps import SweepFile
from desk.backtest.sweep import Outcome
from desk.errors import ConfigError

FIRST = Outcome({"fast": 5, "slow": 30.5, "kind": "ema"}, 12, 1_000.123456789012, 0)
SECOND = Outcome({"fast": 7, "slow": 30.5, "kind": "ema"}, 0, 999.0, 3)


def test_what_was_kept_is_there_when_the_file_is_opened_again(tmp_path):
    file = SweepFile(tmp_path / "runs" / "sweep.jsonl", "one")
    assert list(file.outcomes()) == []
    file.keep([FIRST])
    file.keep([SECOND])
    assert list(SweepFile(tmp_path / "runs" / "sweep.jsonl", "one").outcomes()) == [FIRST, SECOND]


def test_the_line_that_a_killed_process_was_writing_is_dropped(tmp_path):
    path = tmp_path / "sweep.jsonl"
    SweepFile(path, "one").keep([FIRST, SECOND])
    path.write_bytes(path.read_bytes()[:-5])
    again = SweepFile(path, "one")
    assert list(again.outcomes()) == [FIRST]
    again.keep([SECOND])
    assert list(SweepFile(path, "one").outcomes()) == [FIRST, SECOND]


def test_a_file_whose_first_line_was_not_finished_is_begun_anew(tmp_path):
    path = tmp_path / "sweep.jsonl"
    path.write_bytes(b'{"sweep"')
    SweepFile(path, "one").keep([FIRST])
    assert list(SweepFile(path, "one").outcomes()) == [FIRST]


def test_the_record_of_another_sweep_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "sweep.jsonl"
    SweepFile(path, "one").keep([FIRST])
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="expected the record of this sweep, found one of other candles"):
        SweepFile(path, "other")
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "[]\n", '{"sweep": "one"}\n{"trades": 1}\n', '{"other": 1}\n'])
def test_a_file_that_is_no_record_is_refused_and_left_alone(tmp_path, text):
    path = tmp_path / "sweep.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigError, match="expected the record of a sweep"):
        SweepFile(path, "one")
    assert path.read_text() == text
