"""Opens an installation for services: the fleet as its files say now, and the ledger."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from desk.adapters.editing.stamps import Stamp, stamp_of
from desk.adapters.halting import HaltTriggers
from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import check_schema
from desk.adapters.settings import Settings
from desk.errors import ConfigError, LedgerError
from desk.model.arming import ArmNeed
from desk.model.books import Restriction

if TYPE_CHECKING:  # numpy comes with it, and a kill switch must not wait for that
    from console.services.in_force import InForce
    from desk.accounts import Fleet


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """What most services stand on."""

    fleet: "Fleet"
    ledger: Ledger


class FleetFiles:
    """The configuration that is in force in an installation, read again when one of its files has changed."""

    def __init__(self, chosen: Settings) -> None:
        self._chosen = chosen
        self._found: InForce | None = None
        self._tried: Stamp | None = None

    def in_force(self) -> "InForce":
        """Return what is in force; what was before, where the files cannot be used now.

        Raises:
            ConfigError: the files cannot be used, and nothing was in force before.
        """
        stamp = stamp_of(self._chosen.config)
        if self._found is None or stamp != self._tried:
            self._found, self._tried = self._read(), stamp
        return self._found

    def current(self) -> "Fleet":
        """Return the fleet that is in force.

        Raises:
            ConfigError: the files cannot be used, and nothing was in force before.
        """
        return self.in_force().fleet

    def _read(self) -> "InForce":
        from console.services.in_force import find_in_force

        try:
            return find_in_force(self._chosen)
        except ConfigError as error:
            if self._found is None:
                raise
            return replace(self._found, problem=str(error))


@asynccontextmanager
async def open_ledger(chosen: Settings, in_force: "Callable[[], InForce]") -> AsyncIterator[Ledger]:
    """Give the ledger of an installation, open and checked.

    Args:
        chosen: says where it is.
        in_force: finds the configuration that scans go by; asked wherever trading states are read.

    Raises:
        LedgerError: there is no ledger, it is not of this version, or it cannot be read; the message says what to do.
    """
    require_file(chosen.ledger_url)
    database = Database.open(chosen.ledger_url)
    try:
        await check_schema(database)
        yield Ledger(database, triggers=partial(_triggers, chosen, in_force), needs=partial(_needs, chosen, in_force))
    finally:
        await database.close()


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


def _triggers(chosen: Settings, in_force: "Callable[[], InForce]") -> tuple[Restriction, ...]:
    """The halts that are not in the ledger, and which accounts are held back while the configuration is broken."""
    from desk.adapters.last_good import held_back

    halts, found = HaltTriggers.of(chosen)(), _if_any(in_force)
    return halts if found is None else (*halts, *held_back(found.fleet, found.problem))


def _needs(chosen: Settings, in_force: "Callable[[], InForce]") -> tuple[ArmNeed, ...]:
    """What accounts must be armed for."""
    from desk.accounts.arming import needs_arming

    found = _if_any(in_force)
    return () if found is None else needs_arming(found.fleet, allows_live=chosen.allows_live)


def _if_any(in_force: "Callable[[], InForce]") -> "InForce | None":
    """What is in force; a configuration that is broken must keep nobody from seeing what is halted."""
    try:
        return in_force()
    except ConfigError:
        return None
