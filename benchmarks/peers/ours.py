"""The peers' strategy on our own simulations; run as a script, it reports as theirs do, by the helpers of their folder.

Variants: compiled, numpy, callback (asked in Python at every close), parquet (a whole process that reads its candles
from recordings and simulates once), and sweep.
"""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import benchlib  # type: ignore[import-not-found]
import numpy as np

from benchmarks.peers.command import name_of
from benchmarks.peers.comparing import compared
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import load
from desk.backtest.callback import simulate_by_candle
from desk.backtest.context import Context
from desk.backtest.rules import Distance, Rules, SizedBy, Sizing
from desk.backtest.signals import Signals
from desk.backtest.simulate import Engine, Simulation, simulate
from desk.backtest.sweep import Outcome, Parameters, Shared, Sweep, grid, run_sweep
from desk.model.candles import Candles, FloatArray, IntArray
from desk.model.timeframe import Timeframe

WARM_UP = 50
RULES = Rules(
    cash=benchlib.CASH,
    sizing=Sizing(SizedBy.EQUITY, benchlib.FRACTION),
    fee=benchlib.FEE,
    distance=Distance.UNIT,
)
ENGINES = {"compiled": Engine.COMPILED, "parquet": Engine.COMPILED, "numpy": Engine.NUMPY}


def main() -> None:
    """Measure the variant and the case that the command line names."""
    told = benchlib.cli()
    if told.case == "sweep":
        measure_sweep(told.reps)
    elif told.variant == "callback":
        measure_callback(told.case, told.reps)
    else:
        measure_signals(told.case, told.variant, told.reps)


def measure_signals(case: str, variant: str, repetitions: int) -> None:
    """From candles in memory to trades and equity, indicators and signals included."""
    candles, load_s = from_recordings(case) if variant == "parquet" else from_arrays(case)
    indicators = pandas_indicators if variant == "numpy" else compiled_indicators

    def run() -> Simulation:
        signals = [signals_of(*indicators(one)) for one in candles]
        return simulate(candles, signals, RULES, engine=ENGINES[variant])

    first, later, found = benchlib.timed(run, repetitions)
    assert found.engine is ENGINES[variant], found.engine
    report(case, variant, found, load_s=load_s, first_s=first, later=later)


def measure_callback(case: str, repetitions: int) -> None:
    """The same, asked in Python at every close."""
    candles, load_s = from_arrays(case)

    def run() -> Simulation:
        series = [dict(zip(("fast", "slow", "unit"), pandas_indicators(one), strict=True)) for one in candles]
        return simulate_by_candle(candles, on_candle, RULES, series=series)

    first, later, found = benchlib.timed(run, repetitions)
    report(case, "callback", found, load_s=load_s, first_s=first, later=later)


def measure_sweep(repetitions: int) -> None:
    """A hundred pairs of averages on one instrument, in this process alone."""
    candles, load_s = from_arrays("a")
    combinations = grid(fast=benchlib.SWEEP_FAST, slow=benchlib.SWEEP_SLOW)
    sweep = Sweep(candles, sweep_signals, RULES, combinations, Engine.COMPILED)
    first, later, found = benchlib.timed(lambda: run_sweep(sweep), repetitions)
    benchlib.emit(
        "scandesk",
        "sweep",
        variant="sweep",
        load_s=load_s,
        first_s=first,
        later=later,
        trades=sum(one.trades for one in found),
        bars=len(candles[0]) * len(found),
        combinations=len(found),
        **compared("sweep", table=swept_table(found)),
    )


def report(case: str, variant: str, found: Simulation, **figures: object) -> None:
    """Print the line that whoever started this process reads."""
    trades = found.trades
    names = ("instrument", "entry_row", "exit_row", "entry_price", "exit_price", "profit")
    table = np.column_stack([trades[name] for name in names])
    benchlib.emit(
        "scandesk",
        case,
        variant=variant,
        trades=len(trades),
        final=float(found.equity[-1]),
        **figures,
        **compared(case, trades=table, equity=found.equity),
    )


def swept_table(outcomes: Sequence[Outcome]) -> FloatArray:
    """Trades and final equity of each combination, without the exit that the floor does not count."""
    return np.array([(one.trades, one.final_equity) for one in outcomes])


def from_arrays(case: str) -> tuple[list[Candles], float]:
    """Return the candles of a case, and how many seconds of CPU time that took."""
    started = time.process_time()
    all_bars = benchlib.load_npz(case)
    times = open_times(len(all_bars[0]["close"]))
    made = [candles_of(f"S{place:02d}", bars, times) for place, bars in enumerate(all_bars)]
    return made, time.process_time() - started


def from_recordings(case: str) -> tuple[list[Candles], float]:
    """Return the same from files, which `files` writes."""
    files = [recording(case, place) for place in range(benchlib.CASES[case][0])]
    started = time.process_time()
    made = [load(path) for path in files]
    return made, time.process_time() - started


def recordings() -> Path:
    """Where recordings of the cases are, a folder for each, and the configuration that names them."""
    return Path(os.environ["BENCH_DATA"]) / "recordings"


def recording(case: str, place: int) -> Path:
    """Where an instrument of a case is."""
    return SeriesName("peers", name_of(place), Timeframe.M1).path(recordings() / case)


def open_times(count: int) -> IntArray:
    """Return the minutes of the made data."""
    times: IntArray = benchlib.START_MS // 1000 + benchlib.BAR_MS // 1000 * np.arange(count)
    return times


def candles_of(name: str, bars: Mapping[str, FloatArray], times: IntArray) -> Candles:
    """Return arrays as candles."""
    opens, high, low, close = (bars[price] for price in ("open", "high", "low", "close"))
    return Candles(name, Timeframe.M1, times, opens, high, low, close, bars["volume"])


def compiled_indicators(candles: Candles) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return both averages and the range."""
    # Late, as `desk` does it: who does not compile does not load a compiler.
    from benchmarks.peers.averages import average_range, exponential

    fast, slow = (exponential(candles.close, period) for period in (benchlib.FAST, benchlib.SLOW))
    return fast, slow, average_range(candles.high, candles.low, candles.close, benchlib.ATR_N)


def pandas_indicators(candles: Candles) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the same without a compiler, as the floor's own variants compute them."""
    import pandas as pd

    close, before = candles.close, candles.close[:-1]
    ranges = candles.high - candles.low
    ranges[1:] = np.maximum(ranges[1:], np.maximum(abs(candles.high[1:] - before), abs(candles.low[1:] - before)))
    fast, slow = (pd.Series(close).ewm(span=period, adjust=False) for period in (benchlib.FAST, benchlib.SLOW))
    smoothed = pd.Series(ranges).ewm(alpha=1.0 / benchlib.ATR_N, adjust=False)
    return fast.mean().to_numpy(), slow.mean().to_numpy(), smoothed.mean().to_numpy()


def signals_of(fast: FloatArray, slow: FloatArray, unit: FloatArray) -> Signals:
    """Return an entry where the fast average crosses above the slow one, and an exit where it crosses below."""
    is_up = fast > slow
    enter, leave = np.zeros(len(is_up), bool), np.zeros(len(is_up), bool)
    enter[1:], leave[1:] = is_up[1:] & ~is_up[:-1], ~is_up[1:] & is_up[:-1]
    enter[:WARM_UP] = False
    return Signals(enter_long=enter, exit_long=leave, stop=benchlib.SL_MULT, target=benchlib.TP_MULT, unit=unit)


def on_candle(context: Context) -> None:
    """Want the same, one candle at a time."""
    row = context.row
    if row < WARM_UP:
        return
    fast, slow = context.series["fast"], context.series["slow"]
    is_up, was_up = fast[row] > slow[row], fast[row - 1] > slow[row - 1]
    if context.position:
        if was_up and not is_up:
            context.exit()
    elif is_up and not was_up:
        context.enter_long(stop=benchlib.SL_MULT, target=benchlib.TP_MULT)


def sweep_signals(shared: Shared, parameters: Parameters) -> list[Signals]:
    """Return the signals of one pair of averages."""
    fast, slow = shared(average, parameters["fast"]), shared(average, parameters["slow"])
    return [signals_of(fast, slow, shared(unit))]


def average(candles: Sequence[Candles], period: int) -> FloatArray:
    """Return one average of the only instrument."""
    from benchmarks.peers.averages import exponential

    averages: FloatArray = exponential(candles[0].close, period)
    return averages


def unit(candles: Sequence[Candles]) -> FloatArray:
    """Return the range of the only instrument."""
    return compiled_indicators(candles[0])[2]


if __name__ == "__main__":
    main()
