"""The configuration of a process: read again when a file has changed, the last good one kept until then."""

from pathlib import Path

from prefect.logging import get_logger

from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.adapters.editing.reading import Files, read_files
from desk.adapters.editing.stamps import Stamp, stamp_of
from desk.adapters.last_good import LastGood, held_back
from desk.errors import ConfigError
from desk.model.books import Restriction
from desk.model.messages import MessageKind
from desk.ports import Message, Notifier

_LOG = get_logger("scandesk")
_WHOSE = "fleet"
_ADVICE = "The configuration before it stays in force; live accounts open nothing until the files are mended."


class KeptFleet:
    """The fleet as its files say now, or as they said when they could last be used, by this process or an earlier one.

    Args:
        folder: of the files.
        last: what is kept of them.
    """

    def __init__(self, folder: Path, last: LastGood) -> None:
        self._folder = folder
        self._last = last
        self._read_at: Stamp = ()
        self._fleet: Fleet | None = None
        self._problem = ""

    def now(self) -> Fleet:
        """Return the configuration, read again when a file has changed.

        A change that cannot be used is logged once, and the last good configuration stays in force.

        Raises:
            ConfigError: a file cannot be used, and there is no good configuration yet.
        """
        stamp = stamp_of(self._folder)
        if self._fleet is None or self._read_at != stamp:
            self._fleet = self._read()
            self._read_at = stamp
        return self._fleet

    def held_back(self) -> tuple[Restriction, ...]:
        """Return what live accounts may not do because the files cannot be used."""
        return held_back(self.now(), self._problem)

    async def tell(self, notifier: Notifier) -> None:
        """Tell people that the files cannot be used, or can be again; once, whichever process finds it."""
        self.now()
        if self._problem == self._last.told:
            return
        kind = MessageKind.CONFIGURATION
        if self._problem:
            message = Message(
                f"{_WHOSE}: the configuration cannot be used", f"{self._problem}\n{_ADVICE}", "error", kind
            )
        else:
            message = Message(
                f"{_WHOSE}: the configuration can be used again", "It is in force as it is written now.", kind=kind
            )
        await notifier.send(message)
        self._last.note_told(self._problem)

    def _read(self) -> Fleet:
        try:
            files = read_files(self._folder)
            fleet = read_fleet(self._folder, instead=files)
        except ConfigError as error:
            before = self._fleet or self._last.fleet()
            if before is None:
                raise
            self._problem = str(error)
            _LOG.error("the configuration before it stays in force, because the change cannot be used:\n%s", error)
            return before
        self._problem = ""
        self._keep(files)
        return fleet

    def _keep(self, files: Files) -> None:
        try:
            self._last.keep(files)
        except ConfigError as error:
            _LOG.error("a restart while the files are broken would find no good configuration: %s", error)
