"""Opens an installation for services: the fleet as its files say now, and the ledger."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desk.adapters.halting import HaltTriggers
from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import check_schema
from desk.adapters.settings import Settings
from desk.errors import ConfigError, LedgerError
from desk.model.arming import ArmNeed

if TYPE_CHECKING:  # numpy comes with it, and a kill switch must not wait for that
    from desk.accounts import Fleet

_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """What most services stand on."""

    fleet: "Fleet"
    ledger: Ledger


class FleetFiles:
    """The fleet of a folder, read again when one of its files has changed.

    Attributes:
        problem: why the files cannot be used as they are now; empty where they can.
    """

    def __init__(self, directory: Path) -> None:
        self.problem = ""
        self._directory = directory
        self._fleet: Fleet | None = None
        self._tried: _Stamp | None = None

    def current(self) -> "Fleet":
        """Return the fleet; that of the last files that could be used, where these cannot.

        Raises:
            ConfigError: no files could be used since this began.
        """
        stamp = self._stamp()
        if self._fleet is None or stamp != self._tried:
            self._fleet, self._tried = self._read(), stamp
        return self._fleet

    def _read(self) -> "Fleet":
        from desk.accounts import load_fleet

        try:
            fleet, self.problem = load_fleet(self._directory), ""
        except ConfigError as error:
            self.problem = str(error)
            if self._fleet is None:
                raise
            return self._fleet
        return fleet

    def _stamp(self) -> _Stamp:
        """Names, times and sizes of the files."""
        looks = ((path.name, path.stat()) for path in sorted(self._directory.glob("*.yaml")))
        return tuple((name, look.st_mtime_ns, look.st_size) for name, look in looks)


@asynccontextmanager
async def open_ledger(chosen: Settings, needs: Callable[[], Sequence[ArmNeed]]) -> AsyncIterator[Ledger]:
    """Give the ledger of an installation, open and checked.

    Args:
        chosen: says where it is.
        needs: returns what accounts must be armed for; asked wherever trading states are read.

    Raises:
        LedgerError: there is no ledger, it is not of this version, or it cannot be read; the message says what to do.
    """
    require_file(chosen.ledger_url)
    database = Database.open(chosen.ledger_url)
    try:
        await check_schema(database)
        yield Ledger(database, triggers=HaltTriggers.of(chosen), needs=needs)
    finally:
        await database.close()


def arm_needs(chosen: Settings, fleet: Callable[[], "Fleet"]) -> tuple[ArmNeed, ...]:
    """What accounts must be armed for; a configuration that is broken must keep nobody from seeing what is halted."""
    # Imported late: only a question for trading states needs the configuration.
    from desk.accounts.arming import needs_arming

    try:
        return needs_arming(fleet(), allows_live=chosen.allows_live)
    except ConfigError:
        return ()


def require_file(url: str) -> None:
    """Let a ledger pass that is there; a question must not leave an empty database behind.

    Raises:
        LedgerError: there is no such file; the message says what to do.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise LedgerError(
            f"{parsed.database}: expected the ledger, found no file; "
            "run `desk up` or `desk demo`, or point --home at the folder that it is in"
        )
