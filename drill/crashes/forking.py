"""The process that forks those that die, as a drill sees it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from drill.crashes.story import STORY

KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Desk:
    """In what the desk is not as it is elsewhere.

    Attributes:
        forgets_ids: orders are sent under ids that are drawn, as by a desk that asks for nothing before it decides.
        enters_bare: venues are told of no barriers with an entry, so that the watch has to place every stop.
    """

    forgets_ids: bool = False
    enters_bare: bool = False


AS_USUAL = Desk()


@dataclass(frozen=True, slots=True)
class Order:
    """What one process does, and when it dies.

    Attributes:
        environment: of the process, besides that of all.
        admin: the address of the simulator's admin port.
        first, end: the part of the story that it begins with, and the one that it does not come to, by number.
        attempt: 1 for the first process of a run, more for those that take up what it has left behind.
        after, before: the line of the journal that it dies after, or before whose call it dies.
        dies_after_seconds: from its start.
        dies_when: a file; it is killed from outside as soon as that is there.
    """

    account: str
    admin: str
    journal: str
    environment: Mapping[str, str] = field(default_factory=dict)
    first: int = 0
    end: int = len(STORY)
    attempt: int = 1
    after: str = ""
    before: str = ""
    dies_after_seconds: float | None = None
    dies_when: str = ""
    desk: Desk = AS_USUAL


class Mortal:
    """A process that forks others, each of which may die."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def carry_out(self, order: Order) -> int:
        """Return the exit code of one process; a negative one is the signal that ended it."""
        assert self._process.stdin is not None, "it was started with a pipe"
        assert self._process.stdout is not None, "it was started with a pipe"
        self._process.stdin.write(f"{json.dumps(asdict(order))}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process that forks has ended; its log says why"
        return int(answer)


def steering(admin: str) -> httpx.Client:
    """Return a client of the simulator's admin port; it keeps no connection that could be gone when it is wanted."""
    return httpx.Client(base_url=admin, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


@contextmanager
def start_mortal(folder: Path, environment: Mapping[str, str]) -> Iterator[Mortal]:
    """Start the process in a folder, with its log there, and end it with the context."""
    with (
        (folder / "mortal.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "drill.crashes.mortal"],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        yield Mortal(process)
        process.communicate()
