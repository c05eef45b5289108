"""A log is read from its newest line backwards, and followed over the file that is moved aside."""

from pathlib import Path

import orjson

from desk.adapters.logs.reading import Following, Wanted, newest_first

CYCLE = "2026-01-14T15:00:00Z"


def line(event: str, level: str = "info", **more: object) -> bytes:
    told = {"time": "2026-01-14T15:00:01.250Z", "level": level, "logger": "scandesk.events", "event": event, **more}
    return orjson.dumps(told) + b"\n"


def events(path: Path, wanted: Wanted | None = None) -> list[str]:
    return [entry.event for entry in newest_first(path, wanted or Wanted())]


def test_the_newest_line_comes_first_over_all_files(tmp_path: Path):
    path = tmp_path / "desk.log"
    path.with_name("desk.log.1").write_bytes(line("1") + line("2"))
    path.write_bytes(line("3") + line("4"))
    assert events(path) == ["4", "3", "2", "1"]


def test_lines_are_whole_where_a_block_ends(tmp_path: Path):
    path = tmp_path / "desk.log"
    path.write_bytes(b"".join(line(str(n), text="x" * (n * 97 % 4000)) for n in range(200)))
    assert events(path) == [str(n) for n in reversed(range(200))]


def test_only_what_is_wanted_is_given(tmp_path: Path):
    path = tmp_path / "desk.log"
    mine = {"account": "sample", "cycle": CYCLE}
    path.write_bytes(
        line("a", **mine)
        + line("b", "error", **mine)
        + line("of sample", account="other", cycle=CYCLE)
        + line("c", account="sample")
        + line("d", "warning")
    )
    assert events(path, Wanted(account="sample")) == ["c", "b", "a"]
    assert events(path, Wanted(account="sample", cycle=CYCLE)) == ["b", "a"]
    assert events(path, Wanted(level="warning")) == ["d", "b"]


def test_an_entry_keeps_what_was_said(tmp_path: Path):
    path = tmp_path / "desk.log"
    path.write_bytes(line("stage ended", account="sample", seconds=0.5))
    [entry] = newest_first(path, Wanted())
    assert (entry.at.isoformat(), entry.account, entry.cycle) == ("2026-01-14T15:00:01.250000+00:00", "sample", "")
    assert entry.facts == {"seconds": 0.5}


def test_half_a_line_hides_no_other(tmp_path: Path):
    path = tmp_path / "desk.log"
    path.write_bytes(line("whole") + b'{"time": "2026-01\n' + b"[]\n" + line("after") + b'{"ti')
    assert events(path) == ["after", "whole"]


def test_a_log_that_was_never_written_is_empty(tmp_path: Path):
    assert events(tmp_path / "desk.log") == []


def test_what_is_added_is_followed_over_a_file_that_is_moved_aside(tmp_path: Path):
    path = tmp_path / "desk.log"
    path.write_bytes(line("before"))
    following = Following(path, Wanted())
    assert following.added() == []
    with path.open("ab") as file:
        file.write(line("1") + line("2")[:20])
    first = following.added()
    with path.open("ab") as file:
        file.write(line("2")[20:])
    path.rename(path.with_name("desk.log.1"))
    path.write_bytes(line("3"))
    assert [[one.event for one in told] for told in (first, following.added())] == [["1"], ["2", "3"]]
    assert following.added() == []


def test_a_log_that_is_not_there_yet_is_followed_from_its_first_line(tmp_path: Path):
    following = Following(tmp_path / "desk.log", Wanted())
    assert following.added() == []
    (tmp_path / "desk.log").write_bytes(line("first"))
    assert [one.event for one in following.added()] == ["first"]
