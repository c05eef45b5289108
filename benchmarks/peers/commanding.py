"""What `desk backtest` costs whoever types it, its report included; a script that reports as `ours` does.

The command is a process of its own, started cold, with recordings that are there already and an empty home.
"""

import os
import shutil
import sys
from pathlib import Path

import benchlib  # type: ignore[import-not-found]

from benchmarks.peers import command
from benchmarks.peers.starting import measured

_MOST_CPU, _PATIENCE = 580.0, 15.0


def main() -> None:
    """Measure the case that the command line names, once."""
    case = benchlib.cli().case
    data = Path(os.environ["BENCH_DATA"])
    home, config = data.parent / "work" / "desk", data / "recordings" / "config"
    shutil.rmtree(home, ignore_errors=True)
    told = {"DESK_HOME": home, "DESK_CONFIG": config, "DESK_STRATEGIES": config / "strategies"}
    os.environ.update({name: str(path) for name, path in told.items()})
    cost = measured([sys.executable, command.__file__, "backtest", f"peers-{case}"], _MOST_CPU, _PATIENCE)
    if cost["code"]:
        raise SystemExit(f"desk backtest ended with {cost['code']:.0f}")
    report(case, home, cost)


def report(case: str, home: Path, cost: dict[str, float]) -> None:
    """Print the line that whoever started this process reads, from what the command has kept."""
    # Late: a process counts what the one that started it had in memory as its own.
    import numpy as np
    import pyarrow.parquet

    from benchmarks.peers.comparing import compared_closely
    from benchmarks.peers.deciding import BY_ORDER

    [run] = (home / "backtests").iterdir()
    assert (run / "report.html").is_file(), f"expected a report in {run}, found none"
    trades = pyarrow.parquet.read_table(run / "trades.parquet").to_pydict()
    start, length = benchlib.START_MS // 1000, benchlib.BAR_MS // 1000
    opened, closed = (
        np.array([int(at.timestamp() - start) // length for at in trades[name]]) for name in ("opened_at", "closed_at")
    )
    places = np.array([int(name[1:3]) for name in trades["instrument"]])
    by_level = np.array([reason != BY_ORDER for reason in trades["exit_reason"]])
    final = pyarrow.parquet.read_table(run / "equity.parquet")["equity"][-1].as_py()
    benchlib.emit(
        "scandesk",
        case,
        variant="command",
        trades=len(places),
        final=final,
        first_s=cost["wall"],
        engine_cpu_s=cost["cpu"],
        command_s=cost["wall"],
        command_cpu_s=cost["cpu"],
        command_mb=cost["memory"],
        **compared_closely(case, np.column_stack((places, opened, closed - by_level)), final),
    )


if __name__ == "__main__":
    main()
