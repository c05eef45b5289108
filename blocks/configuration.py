"""The configuration of a process: read again when a file has changed, the last good one kept until then."""

from pathlib import Path

from prefect.logging import get_logger

from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.errors import ConfigError

_LOG = get_logger("scandesk")


class KeptFleet:
    """The fleet as its files say now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_at: tuple[int, ...] = ()
        self._fleet: Fleet | None = None

    def now(self) -> Fleet:
        """Return the configuration, read again when a file has changed.

        A change that cannot be used is logged once, and the last good configuration stays in force.

        Raises:
            ConfigError: a file cannot be used, and there is no good configuration yet.
        """
        written = tuple(path.stat().st_mtime_ns for path in sorted(self._folder.glob("*.yaml")))
        if self._fleet is None or self._read_at != written:
            self._fleet = self._read()
            self._read_at = written
        return self._fleet

    def _read(self) -> Fleet:
        try:
            return read_fleet(self._folder)
        except ConfigError as error:
            if self._fleet is None:
                raise
            _LOG.error("the configuration before it stays in force, because the change cannot be used:\n%s", error)
            return self._fleet
