"""One measured figure: what it is, what it is compared with, and the goal."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report; `good` is None where there is no goal."""

    what: str
    measured: str
    compared_with: str
    goal: str = ""
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work cost, medians over its repetitions, in seconds; CPU is that of this process."""

    wall: float
    cpu: float


async def alternate(repetitions: int, *works: Callable[[int], Awaitable[object]], warm_up: int = 3) -> list[Cost]:
    """Run the works in turn, so that whatever else the machine does hits all alike, and return their medians."""
    walls: list[list[float]] = [[] for _ in works]
    cpus: list[list[float]] = [[] for _ in works]
    for repetition in range(warm_up + repetitions):
        for place, work in enumerate(works):
            wall, cpu = time.perf_counter(), time.process_time()
            await work(repetition)
            if repetition >= warm_up:
                walls[place].append(time.perf_counter() - wall)
                cpus[place].append(time.process_time() - cpu)
    return [Cost(statistics.median(wall), statistics.median(cpu)) for wall, cpu in zip(walls, cpus, strict=True)]


def process_cpu(pid: int) -> float:
    """Seconds of CPU time of a running process, its ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(value) for value in fields[11:15])
    return ticks / 100


def process_memory(pid: int) -> float:
    """Resident memory of a running process in MB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
