"""What an account lives through in a crash drill, part by part."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from drill.crashes.fleet import FALLEN, RAISED, SUMMIT

LEASES_END = timedelta(seconds=125)
"""How long a lease outlives whoever held it: only a scan goes on under the name of the run that died."""

_MOMENT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of one of the flows.

    Attributes:
        name: of the part, unique in the story.
        flow: which one runs.
        at: when it begins.
    """

    name: str
    flow: str
    at: datetime

    @property
    def restarts_at(self) -> datetime:
        """When another process can take up what one that died has left behind."""
        return self.at if self.flow == "scan" else self.at + LEASES_END


STORY = (
    Part("entry", "scan", SUMMIT + timedelta(seconds=10)),
    Part("first watch", "watch", SUMMIT + timedelta(minutes=1)),
    Part("raise", "watch", SUMMIT + RAISED + _MOMENT),
    Part("hold", "scan", SUMMIT + RAISED + timedelta(minutes=5, seconds=10)),
    Part("reconcile", "reconcile", SUMMIT + RAISED + timedelta(minutes=8)),
    Part("fall", "watch", SUMMIT + FALLEN + timedelta(minutes=2)),
    Part("end", "reconcile", SUMMIT + FALLEN + timedelta(minutes=6)),
)
"""Two positions are opened and protected, both stops move to the entry, one of the positions ends at its stop."""
