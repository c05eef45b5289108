"""Parts that trading does without come back: at once, then after growing waits, and it is said once."""

import logging
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from console.beside import ServedRoom
from console.kept import Kept
from deployments.child import Child, start_child
from deployments.server import LocalServer
from desk.adapters.logs.events import EVENTS
from desk.adapters.logs.file import SharedFile
from desk.adapters.logs.keeping import keep_logs, log_file
from desk.adapters.settings import Settings


@dataclass
class Machine:
    """Starts parts that live for so many seconds, by a clock of its own."""

    lives: Iterator[float]
    time: float = 0.0
    starts: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def start(self) -> "Part":
        self.starts.append(self.time)
        return Part(self, self.time + next(self.lives))

    def watch(self, kept: Kept, seconds: float, every: float = 0.5) -> list[str]:
        """Look at it for so long, and return what it says."""
        told, ends = [], self.time + seconds
        while self.time < ends:
            self.time += every
            if said := kept.look():
                told.append(f"{self.time:g} {said}")
        return told


@dataclass
class Part:
    machine: Machine
    ends: float
    is_stopped: bool = False

    def is_running(self) -> bool:
        return not self.is_stopped and self.machine.time < self.ends

    def log_tail(self) -> str:
        if self.ends < 0:
            raise FileNotFoundError("bot.log")
        return f"ended at {self.ends:g}"

    def stop(self) -> None:
        self.is_stopped = True


def refuse() -> Part:
    raise BlockingIOError("too many processes")


def endless(seconds: float) -> Iterator[float]:
    while True:
        yield seconds


def test_a_part_that_ends_is_started_again_after_waits_that_double_up_to_a_minute():
    machine = Machine(endless(0))
    kept = Kept("bot", machine.start, now=machine.now)
    machine.watch(kept, 300)
    waits = [later - before for before, later in pairwise(machine.starts)]
    assert [round(wait) for wait in waits[1:9]] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert waits[0] <= 2


def test_a_part_that_cannot_be_started_for_days_is_still_tried_once_a_minute():
    machine = Machine(endless(0))
    machine.watch(Kept("bot", machine.start, now=machine.now), 2 * 24 * 3600, every=30)
    assert len(machine.starts) > 1100
    assert machine.time - machine.starts[-1] <= 120


def test_of_a_part_that_ends_again_and_again_it_is_said_once():
    machine = Machine(endless(0.2))
    assert machine.watch(Kept("bot", machine.start, now=machine.now), 300) == [
        "0.5 The bot has ended by itself, trading goes on, and it is started again:\nended at 0.2"
    ]


def test_after_a_minute_of_life_the_waits_begin_anew_and_the_next_end_is_said():
    machine = Machine(iter([0, 0, 0, 0, 70, 1_000]))
    told = machine.watch(Kept("bot", machine.start, now=machine.now), 300)
    assert len(told) == 2
    assert machine.starts[-1] - (machine.starts[-2] + 70) <= 1.5
    machine = Machine(iter([0, 0, 0, 0, 50, 1_000]))
    assert len(machine.watch(Kept("bot", machine.start, now=machine.now), 300)) == 1
    assert machine.starts[-1] - (machine.starts[-2] + 50) >= 16


def test_a_part_that_cannot_be_started_or_whose_log_is_gone_does_not_stop_what_looks_after_it():
    machine = Machine(iter([-1, 1_000]))
    attempts = iter([machine.start, refuse, machine.start])
    kept = Kept("bot", lambda: next(attempts)(), now=machine.now)
    said = "0.5 The bot has ended by itself, trading goes on, and it is started again."
    assert machine.watch(kept, 10) == [said]
    assert machine.starts == [0, 3.5]


def test_leaving_the_context_stops_the_newest_for_good():
    machine = Machine(iter([1, 1_000]))
    with Kept("bot", machine.start, now=machine.now) as kept:
        machine.watch(kept, 5)
    assert len(machine.starts) == 2
    assert not kept._child.is_running()


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """A log that this test alone has."""
    level = logging.getLogger(EVENTS).level
    keep_logs(Settings(home=tmp_path))
    yield log_file(tmp_path)
    for logger in (logging.getLogger(), logging.getLogger(EVENTS)):
        logger.handlers = [one for one in logger.handlers if not isinstance(one, SharedFile)]
    logging.getLogger(EVENTS).setLevel(level)


def test_a_real_process_that_is_killed_is_there_again_and_the_log_says_so(tmp_path: Path, logged: Path):
    command = ("/bin/sh", "-c", "echo its last words; exec sleep 60")

    def start() -> Child:
        return start_child(command, environment={}, directory=tmp_path, log=tmp_path / "bot.log")

    with Kept("bot", start, first_wait=0.05) as kept:
        first = kept._child
        while not first.log_tail():
            time.sleep(0.005)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(5)
        assert kept.look().endswith("started again:\nits last words")
        while kept._child is first:
            time.sleep(0.005)
            assert kept.look() == ""
        assert kept._child.is_running()
    assert not kept._child.is_running()
    (line,) = logged.read_text().splitlines()
    assert '"event":"the bot ended by itself and is started again"' in line
    assert '"level":"warning"' in line
    assert '"last":"its last words"' in line


def test_the_control_room_comes_back_at_its_address_with_a_link_that_nobody_has_used(tmp_path: Path):
    part = Part(Machine(iter(())), 0)
    server = LocalServer(part, tmp_path, 1, {})  # type: ignore[arg-type]
    room = ServedRoom(Settings(home=tmp_path), server, port=0)
    address, link = room.address, room.link
    assert link.startswith(f"{address}/login?key=")
    told = room._renew()
    assert room.address == address
    assert room.link != link
    assert told == f" ({room.link} lets in once)"
