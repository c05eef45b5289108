"""What is told of a part of the desk: how it is, since when, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """How a part is; `not_there` is no trouble, nothing of the kind is installed or configured."""

    OK = "ok"
    NOT_THERE = "not_there"
    UNKNOWN = "unknown"
    WARNING = "warning"
    FAILING = "failing"

    @property
    def severity(self) -> int:
        """0 for what nobody has to look at; more for what is worse."""
        return _SEVERITIES[self]


_SEVERITIES = {Health.OK: 0, Health.NOT_THERE: 0, Health.UNKNOWN: 1, Health.WARNING: 2, Health.FAILING: 3}


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the desk.

    Attributes:
        message: what was found and, where it is not well, what to do.
        since: when it became so, as far as is known.
        parts: what it consists of.
    """

    name: str
    health: Health
    message: str
    since: datetime | None = None
    parts: tuple["Component", ...] = ()


def worst_of(parts: Iterable[Component]) -> Health:
    """Return how a whole is whose parts these are; nothing is well."""
    return max((part.health for part in parts), key=lambda health: health.severity, default=Health.OK)
