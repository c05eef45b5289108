"""Measures everything and prints it; exits 1 when a goal is missed, which is a fact and not a test."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import call_day, data, decision, flow_overhead, room, startup, venues
from benchmarks.figures import Figure
from benchmarks.installation import Bench, make_bench
from console.showing import print_line, print_rows


def main() -> int:
    """Measure, print every figure, and say whether every goal was kept."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        bench = make_bench(Path(folder), accounts=50)
        figures = [
            *decision.measure(),
            *data.measure(),
            *venues.measure(),
            *flow_overhead.measure(bench),
            *startup.measure(bench),
            *room.measure(make_bench(Path(folder) / "room", accounts=50)),
            *_workers(bench),
        ]
        figures += call_day.measure()
    rows = [
        {
            "what": figure.what,
            "measured": figure.measured,
            "compared with": figure.compared_with,
            "goal": figure.goal,
            "kept": "" if figure.good is None else "yes" if figure.good else "NO",
        }
        for figure in figures
    ]
    print_rows(rows, as_json="--json" in sys.argv)
    missed = [figure.what for figure in figures if figure.good is False]
    print_line(f"Missed: {'; '.join(missed)}" if missed else "Every goal is kept.")
    return 1 if missed else 0


def _workers(bench: Bench) -> Iterator[Figure]:
    # Imported late: it imports Prefect, which must not be before the flow's own server is known.
    from benchmarks import workers

    return workers.measure(bench)


if __name__ == "__main__":
    sys.exit(main())
