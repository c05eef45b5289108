"""Starts a program as a child process with a process group and a log file of its own, and stops exactly that."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Child:
    """A running child process; leaving the context stops it."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The process id, which is the id of the group as well."""
        return self.process.pid

    def is_running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def wait(self, timeout: float) -> int:
        """Wait for the end, at most `timeout` seconds, and return the exit code."""
        return self.process.wait(timeout)

    def stop(self, *, grace: float = 45.0, request: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to end; after `grace` seconds end its whole group. Return its exit code.

        The request goes to the process alone, which knows how to end its own children.
        """
        if self.is_running():
            self.process.send_signal(request)
        try:
            return self.process.wait(grace)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            return self.process.wait()

    def kill(self) -> int:
        """End the process at once, as a crash would, and return its exit code."""
        self.process.kill()
        return self.process.wait()

    def log_tail(self, lines: int = 30) -> str:
        """Return the last lines that the process wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_child(command: Sequence[str], *, environment: Mapping[str, str], directory: Path, log: Path) -> Child:
    """Start `command` in `directory` with exactly `environment`; what it prints is appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the callers' own commands, never a shell
            list(command),
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(process, log)
