"""What a measurement holds: the runs of every way, by round, and figures as medians over them."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.peers.running import Run

TOLERANCE = 1e-9
"""How far trades and equity of ours may lie from the floor's, as a part of the floor's value; `allowed` where told."""

OURS = "scandesk"


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """A variant of a peer on a case."""

    case: str
    peer: str
    variant: str


FLOOR = "floor"


def floor_of(case: str, variant: str = "numba") -> Way:
    """The floor's way on a case, which others are ratios to."""
    return Way(case, FLOOR, variant)


@dataclass(frozen=True, slots=True)
class Results:
    """Every run of one measurement; runs of one way are in the order of the rounds."""

    runs: dict[Way, list[Run]] = field(default_factory=dict)

    def add(self, run: Run) -> None:
        """Keep a run."""
        self.runs.setdefault(Way(run.case, run.peer, run.variant), []).append(run)

    def trouble(self, way: Way) -> str:
        """Return why no speed may be shown of a way: a process failed, or ours differs from the floor; or nothing."""
        for run in self.runs[way]:
            if run.error:
                return run.error
            if run.peer == OURS and not _is_as_the_floor(run):
                return f"differs from the floor: {run.told.get('difference', 'not compared')}"
        return ""

    def median(self, way: Way, figure: Callable[[Run], float | None]) -> float | None:
        """Return the median of a figure over the rounds; None where no run has it, or the way is in trouble."""
        if way not in self.runs or self.trouble(way):
            return None
        return _median(figure(run) for run in self.runs[way])

    def ratio(self, way: Way, to: Way) -> float | None:
        """Return how many times as fast a way is as another: the median of the ratios within each round."""
        if {way, to} - self.runs.keys() or self.trouble(way) or self.trouble(to):
            return None
        pairs = zip(self.runs[way], self.runs[to], strict=False)
        return _median(_quotient(speed(one), speed(other)) for one, other in pairs)


def speed(run: Run) -> float | None:
    """Candles a second of CPU time: of the work itself, or of the whole process where the script does not tell it."""
    return _quotient(run.number("bars"), run.number("engine_cpu_s") or run.cpu)


def combinations(run: Run) -> float | None:
    """Combinations a second of CPU time; of the clock where the script tells no more, or works in several processes."""
    by_clock = run.number("combos_per_s")
    if run.peer not in {FLOOR, OURS}:
        return by_clock
    count = run.number("combinations") or (by_clock or 0.0) * (run.number("engine_warm_s") or 0.0)
    return _quotient(count or None, run.number("engine_cpu_s"))


def whole(run: Run) -> float | None:
    """CPU seconds of the process as if it had run its work once."""
    again = max(0, len(_engine_runs(run)) - 1)
    return run.cpu - again * (run.number("engine_cpu_s") or 0.0)


def memory(run: Run) -> float | None:
    """Most resident memory of the process in MB."""
    return run.memory


def told(name: str) -> Callable[[Run], float | None]:
    """Return the figure that a script told under a name."""
    return lambda run: run.number(name)


def _is_as_the_floor(run: Run) -> bool:
    apart = run.number("apart")
    return apart is not None and apart <= (run.number("allowed") or TOLERANCE)


def _engine_runs(run: Run) -> list[object]:
    listed = run.told.get("engine_runs")
    return listed if isinstance(listed, list) else []


def _quotient(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
