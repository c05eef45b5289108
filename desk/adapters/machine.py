"""How busy the machine is, as Linux tells it: each processor for a moment, and the memory."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from desk.errors import DeskError

_PROC = Path("/proc")
_MOMENT = 0.5
"""Seconds between two looks at the processors."""
_IDLE = slice(3, 5)
"""Of a line of /proc/stat: time in which there was nothing to do, or a disk was waited for."""
_WITH_GUESTS = 8
"""Columns that are added up; what guests take stands in others a second time."""


class MachineNotTold(DeskError):
    """This machine does not tell how busy it is."""


async def processor_loads(proc: Path = _PROC, *, moment: float = _MOMENT) -> tuple[float, ...]:
    """Return how busy each processor is now, as fractions.

    Raises:
        MachineNotTold: there is no Linux that tells.
    """
    before = _processors(proc)
    await asyncio.sleep(moment)
    after = _processors(proc)
    return tuple(_load(before[name], after[name]) for name in after if name in before)


def memory_use(proc: Path = _PROC) -> float:
    """Return which fraction of the memory could not be had by another program; for errors see `processor_loads`."""
    rows = (line.split() for line in _lines(proc / "meminfo"))
    found = {name.rstrip(":"): int(size) for name, size, *_ in rows}
    return 1 - found["MemAvailable"] / found["MemTotal"]


def _processors(proc: Path) -> Mapping[str, Sequence[int]]:
    rows = (line.split() for line in _lines(proc / "stat"))
    each = {name: [int(time) for time in times[:_WITH_GUESTS]] for name, *times in rows if name.startswith("cpu")}
    return {name: times for name, times in each.items() if name != "cpu"}


def _load(before: Sequence[int], after: Sequence[int]) -> float:
    passed = [later - earlier for earlier, later in zip(before, after, strict=True)]
    return 1 - sum(passed[_IDLE]) / sum(passed) if sum(passed) > 0 else 0.0


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise MachineNotTold(f"{path}: expected how busy the machine is, found nothing ({error.strerror})") from error
