"""The configuration that is in force: that of the files, or while they cannot be used the last good one."""

from dataclasses import dataclass

from desk.accounts import Fleet
from desk.adapters.configuration import read_fleet
from desk.adapters.last_good import LastGood
from desk.adapters.settings import Settings
from desk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class InForce:
    """What scans go by; `problem` says why it is not what is written, a line for each, empty where it is."""

    fleet: Fleet
    problem: str = ""


def find_in_force(chosen: Settings) -> InForce:
    """Return what is in force in an installation.

    Raises:
        ConfigError: the files cannot be used, and nothing was in force before.
    """
    try:
        return InForce(read_fleet(chosen.config))
    except ConfigError as error:
        kept = LastGood(chosen.home, chosen.config).fleet()
        if kept is None:
            raise
        return InForce(kept, str(error))
