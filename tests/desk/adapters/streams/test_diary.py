"""Other processes see how a stream is, and how long nothing came from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from desk.adapters.streams.diary import FOLDER, Diary, StreamNote, read_notes
from desk.adapters.streams.events import Heartbeat
from desk.adapters.streams.supervised import StreamState, StreamStatus
from tests.builders import CLOSE

NAME = "prices of oanda/1"


@dataclass
class MovedClock:
    at: datetime = CLOSE

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return wall


def status(state: StreamState, reason: str = "") -> StreamStatus:
    return StreamStatus(NAME, state, CLOSE, reason)


def test_a_change_is_seen_at_once_and_what_is_heard_within_ten_seconds(tmp_path: Path):
    clock = MovedClock()
    diary = Diary(tmp_path / FOLDER, clock)
    diary.turned(status(StreamState.LIVE))
    assert list(read_notes(tmp_path)) == [StreamNote(NAME, StreamState.LIVE, CLOSE, None, "")]
    heard = []
    for second in range(1, 22):
        clock.at = CLOSE + timedelta(seconds=second)
        diary.heard(Heartbeat(clock.at))
        heard += [note.heard_at for note in read_notes(tmp_path)]
    assert sorted({at for at in heard if at}) == [CLOSE + timedelta(seconds=10), CLOSE + timedelta(seconds=20)]
    diary.turned(status(StreamState.BROKEN, "no answer"))
    [note] = read_notes(tmp_path)
    assert (note.state, note.reason, note.heard_at) == (StreamState.BROKEN, "no answer", clock.at)


def test_a_stream_that_was_closed_leaves_nothing_behind(tmp_path: Path):
    diary = Diary(tmp_path / FOLDER, MovedClock())
    diary.turned(status(StreamState.LIVE))
    diary.turned(status(StreamState.CLOSED))
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_desk_without_streams_has_none(tmp_path: Path):
    assert list(read_notes(tmp_path)) == []
