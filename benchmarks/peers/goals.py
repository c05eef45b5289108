"""The goals of the backtest's speed, and whether a measurement reached them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.figures import Figure
from benchmarks.peers.results import OURS, Results, Way, combinations, floor_of, memory, speed, told
from benchmarks.peers.running import Run

Measure = Callable[[Run], float | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of ours and its limit.

    Attributes:
        what: in words.
        way: which of our ways.
        limit: the least that is wanted, or the most where `is_most`.
        unit: of the limit.
        against: the way that ours is a multiple of; None where the limit is a figure itself.
        measure: the figure, where there is nothing to be a multiple of.
        is_most: whether the limit is the most that is allowed.
    """

    what: str
    way: Way
    limit: float
    unit: str
    against: Way | None = None
    measure: Measure = speed
    is_most: bool = False


def ours(case: str, variant: str) -> Way:
    """One of our ways."""
    return Way(case, OURS, variant)


GOALS = (
    *(
        Goal(f"compiled, case {case}", ours(case, "compiled"), 0.4, "x the floor", floor_of(case))
        for case in ("a", "b", "c")
    ),
    *(
        Goal(f"numpy alone, case {case}", ours(case, "numpy"), 0.5, "x npjump", floor_of(case, "npjump"))
        for case in ("a", "b")
    ),
    *(
        Goal(f"a user's callback, case {case}", ours(case, "callback"), 0.5, "x pyhook", floor_of(case, "pyhook"))
        for case in ("a", "b")
    ),
    Goal("sweep", ours("sweep", "sweep"), 500, "combinations/s", measure=combinations),
    Goal("sweep, memory", ours("sweep", "sweep"), 400, "MB", measure=memory, is_most=True),
    Goal("memory, case b from Parquet", ours("b", "parquet"), 400, "MB", measure=memory, is_most=True),
    Goal("memory, case c from Parquet", ours("c", "parquet"), 700, "MB", measure=memory, is_most=True),
    Goal("1,000,000 candles loaded", ours("b", "parquet"), 0.1, "s of CPU", measure=told("load_s"), is_most=True),
    Goal("full decisions, case a", ours("a", "decisions"), 800_000, "candles/s"),
    Goal("full decisions, case a", ours("a", "decisions"), 25, "x freqtrade", Way("a", "freqtrade", "callbacks")),
    *(
        Goal(f"cold `desk backtest`, case {case}", ours(case, "command"), limit, unit, measure=told(name), is_most=True)
        for case, limit in (("a", 1.5), ("c", 3.0))
        for unit, name in (("s", "command_s"), ("s of CPU", "command_cpu_s"))
    ),
)


def judge(results: Results) -> Iterator[Figure]:
    """Give each goal with what was measured, and by how much it is short where it is."""
    for goal in GOALS:
        value = _value(goal, results)
        bound = f"at {'most' if goal.is_most else 'least'} {_told(goal.limit)} {goal.unit}"
        if value is None:
            yield Figure(goal.what, "not measured", "", bound)
            continue
        is_reached = value <= goal.limit if goal.is_most else value >= goal.limit
        yield Figure(
            goal.what, f"{_told(value)} {goal.unit}", _gap(value, goal.limit, is_reached=is_reached), bound, is_reached
        )


def _value(goal: Goal, results: Results) -> float | None:
    if goal.against is not None:
        return results.ratio(goal.way, goal.against)
    return results.median(goal.way, goal.measure)


def _gap(value: float, limit: float, *, is_reached: bool) -> str:
    return "reached" if is_reached else f"short by {abs(value - limit) / limit:.0%}"


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
