"""A log that several processes write loses no line and never grows beyond its bounds."""

import fcntl
import logging
import multiprocessing
from pathlib import Path

import pytest

from desk.adapters.logs.file import SharedFile, numbered


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("test", logging.INFO, "", 0, text, None, None)


def write_lines(path: Path, writer: int, lines: int, most_bytes: int) -> None:
    kept = SharedFile(path, most_bytes=most_bytes, files=100)
    for number in range(lines):
        kept.emit(record(f"{writer}-{number:04}"))


def test_a_full_file_is_moved_aside_and_the_oldest_is_deleted(tmp_path: Path):
    path = tmp_path / "logs" / "desk.log"
    kept = SharedFile(path, most_bytes=20, files=3)
    for number in range(12):
        kept.emit(record(f"line {number:02}"))
    told = [numbered(path, number).read_text().split("\n")[:-1] for number in range(3)]
    assert told == [["line 10", "line 11"], ["line 08", "line 09"], ["line 06", "line 07"]]
    assert len(list(path.parent.iterdir())) == 3


def test_a_line_that_is_longer_than_a_file_is_written_whole(tmp_path: Path):
    path = tmp_path / "desk.log"
    SharedFile(path, most_bytes=5, files=1).emit(record("a long line"))
    assert path.read_text() == "a long line\n"


@pytest.mark.timeout(10)
def test_a_process_that_stands_still_with_the_lock_stops_nobody_and_costs_no_line(tmp_path: Path):
    path = tmp_path / "desk.log"
    kept = SharedFile(path, most_bytes=5, files=3)
    kept.emit(record("first"))
    with path.open() as suspended:
        fcntl.flock(suspended, fcntl.LOCK_EX)
        kept.emit(record("second"))
    assert path.read_text() == "first\nsecond\n"
    kept.emit(record("third"))
    assert (path.read_text(), numbered(path, 1).read_text()) == ("third\n", "first\nsecond\n")


def test_the_file_is_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "desk.log"
    SharedFile(path, most_bytes=99, files=1).emit(record("x"))
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_write_at_once_lose_no_line_of_each_other(tmp_path: Path):
    path, context = tmp_path / "desk.log", multiprocessing.get_context("fork")
    writers = [context.Process(target=write_lines, args=(path, n, 200, 400)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert sorted(lines) == sorted(f"{writer}-{number:04}" for writer in range(3) for number in range(200))
    assert max(file.stat().st_size for file in tmp_path.iterdir()) <= 400


def test_a_disk_that_takes_nothing_ends_no_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "logs").write_text("a file where the folder should be")
    SharedFile(tmp_path / "logs" / "desk.log", most_bytes=99, files=1).emit(record("lost"))
    assert "Logging error" in capsys.readouterr().err
