"""What can go wrong in a drill, by the numbers of the fault matrix, and how each is drawn."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from drill.evidence import Span
from drill.process import Process
from drill.seats import Seat
from drill.steering import Steering
from drill.wires import Dialect
from simulator.clock import SteeredClock

End = Callable[[], Awaitable[None]]
"""Takes a mishap back after what it happened to is over."""


@dataclass(slots=True)
class Hits:
    """How often each fault has hit, and at which step of a cycle."""

    by_step: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, number: str, step: str, count: int = 1) -> None:
        """Count a fault that has hit."""
        if count:
            self.by_step[number, step] += count


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a mishap happens: one account, just before a process does something with it.

    Attributes:
        venue: its name at the simulator.
        address: of the venue.
        rival: opens another process of the same installation.
        halted: client ids of entries that left after a halt, which a mishap adds to.
        asleep: when the machine slept, which a mishap adds to.
    """

    venue: str
    address: str
    dialect: Dialect
    seat: Seat
    process: Process
    steering: Steering
    clock: SteeredClock
    chance: Random
    hits: Hits
    rival: Callable[[], Process]
    halted: list[str]
    asleep: list[Span]


Mishap = Callable[[Scene], Awaitable[End]]
"""Lets something go wrong with what a process does next, and returns how it is taken back."""

Mishaps = Mapping[str, tuple[Mishap, ...]]
"""The ways in which a fault can happen, by its number."""


async def nothing() -> None:
    """Take back what ends by itself."""
