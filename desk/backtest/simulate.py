"""Explicit signals over candles: one account, one or many instruments, float64 throughout.

The lower level of a backtest. Nothing here knows strategies, risk rules or decimals; what is wished is given, and what
would have come of it is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from desk.backtest import jumps
from desk.backtest.kernels import compiled, layout, plain
from desk.backtest.kernels.layout import Terms, Wishes
from desk.backtest.preparing import Part, market_of, terms_of, wishes_of
from desk.backtest.rules import Rules
from desk.backtest.signals import Signals
from desk.errors import ConfigError, DataError
from desk.model.candles import Candles, FloatArray, IntArray


class Engine(StrEnum):
    """What runs the loops; the figures are the same."""

    AUTO = "auto"
    """Compiled where numba is installed, else numpy."""
    COMPILED = "compiled"
    NUMPY = "numpy"
    """Arrays alone, as far as `jumps` goes; Python from there."""
    PYTHON = "python"


class ExitReason(StrEnum):
    """Why a part of a position was closed; in `Simulation.trades` its place in this list."""

    SIGNAL = "signal"
    STOP = "stop"
    TARGET = "target"
    LADDER = "ladder"
    TRAILING_STOP = "trailing_stop"
    BREAK_EVEN = "break_even"
    TIME = "time"
    PART = "part"
    LIQUIDATION = "liquidation"
    END = "end"


REASONS: Final = tuple(ExitReason)
"""By the code in `Simulation.trades`."""

_WHOLE = ("instrument", "position", "side", "placed_row", "entry_row", "exit_row", "reason", "entry_time", "exit_time")
TRADE: Final = np.dtype([(name, np.int64 if name in _WHOLE else np.float64) for name in layout.TRADE_COLUMNS])
Trades = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where a run ended, for a run over the candles after it.

    Attributes:
        positions: per instrument what the kernels know of it; their own matter.
        last: the last candle of each instrument and its signals, which are acted on in the next.
        rows: how many candles each instrument had before its last.
    """

    cash: float
    positions: FloatArray
    last: tuple[Part, ...]
    rows: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """What came of the signals.

    Attributes:
        time: open times of the common axis, seconds since the epoch (UTC): every candle of any instrument.
        equity: at the close of each row, positions at the price at which they could be left; without exit fees.
        trades: one row per closed part of a position, in the order of their ends. `instrument` is its place in
            `instruments`; `position` counts each instrument's positions from 1; `side` is 1 or -1; rows are the
            instrument's own; `reason` is a place in `REASONS`; `stop_price` is the first stop, infinite without one;
            `profit` is after the fees of both sides; `worst_price` and `best_price` are the extremes of the candles
            before that of the exit, and the prices of entry and exit themselves.
        refused: entries that the cash did not carry.
        engine: what ran.
    """

    instruments: tuple[str, ...]
    time: IntArray
    equity: FloatArray
    trades: Trades
    refused: int
    state: State
    engine: Engine


def simulate(
    candles: Sequence[Candles],
    signals: Sequence[Signals],
    rules: Rules,
    *,
    state: State | None = None,
    engine: Engine = Engine.AUTO,
) -> Simulation:
    """Return what `signals` would have made of `rules.cash`, or of the account that `state` describes.

    Instruments are looked at in the order given: in one row, what the first frees, the second may use.

    Args:
        candles: of one timeframe; the instruments need not have the same open times.
        signals: in the order of `candles`.
        state: the end of a run over the candles before these, with the same rules and the same instruments.

    Raises:
        ConfigError: the compiled engine is asked for and numba is not installed.
        DataError: candles and signals do not fit each other, or do not follow `state`.
    """
    _check(candles, signals, state)
    new = [Part(*pair) for pair in zip(candles, signals, strict=True)]
    instruments = [[part] for part in new] if state is None else _after(state.last, new)
    begin = _beginning(rules, len(new)) if state is None else state
    market, axis = market_of(instruments)
    wishes, terms = wishes_of(instruments, rules), terms_of(rules, _given(instruments))
    positions = _moved(begin)
    equity, table = np.empty(len(axis)), _room(wishes, positions, rules)
    chosen = _chosen(engine, wishes, terms, positions)
    cash, count, refused = _run_of(chosen)(
        market, wishes, terms, positions, begin.cash, equity, table, np.zeros((2, len(new)), np.int64)
    )
    known = 0 if state is None else int(np.searchsorted(axis, _until(state), side="right"))
    return Simulation(
        instruments=tuple(one.instrument for one in candles),
        time=axis[known:],
        equity=equity[known:],
        trades=trades_of(table[:count], begin.rows),
        refused=refused,
        state=state_after(instruments, positions, cash, begin.rows),
        engine=chosen,
    )


def _after(last: Sequence[Part], new: Sequence[Part]) -> list[list[Part]]:
    return [list(pair) for pair in zip(last, new, strict=True)]


def _check(candles: Sequence[Candles], signals: Sequence[Signals], state: State | None) -> None:
    names = [one.instrument for one in candles]
    if not names or len(names) != len(signals):
        raise DataError(
            f"a simulation needs one set of signals for each instrument; expected {len(names) or 'one or more'}, "
            f"found {len(signals)}"
        )
    timeframes = sorted({one.timeframe for one in candles})
    if len(timeframes) > 1:
        raise DataError(f"candles of one simulation must have one timeframe; found {', '.join(timeframes)}")
    if state is not None:
        _check_follows(candles, names, state)


def _check_follows(candles: Sequence[Candles], names: Sequence[str], state: State) -> None:
    before = [part.candles.instrument for part in state.last]
    if before != names:
        raise DataError(f"candles must be of the instruments of the state; expected {before}, found {list(names)}")
    early = [one.instrument for one in candles if len(one) and one.time[0] <= _until(state)]
    if early:
        raise DataError(
            f"candles must begin after those of the state, which end with the one of {_until(state)} seconds since "
            f"the epoch; found earlier ones of {', '.join(early)}"
        )


def _until(state: State) -> int:
    return max((int(part.candles.time[-1]) for part in state.last if len(part.candles)), default=-1)


def _given(instruments: Sequence[Sequence[Part]]) -> frozenset[str]:
    """Return the names of the signals that any instrument has."""
    parts = [part for parts in instruments for part in parts]
    names = [field.name for field in fields(Signals)]
    return frozenset(name for name in names if any(getattr(part.signals, name) is not None for part in parts))


def _beginning(rules: Rules, instruments: int) -> State:
    return State(rules.cash, np.zeros((instruments, layout.STATE_COLUMNS)), (), np.zeros(instruments, np.int64))


def _moved(state: State) -> FloatArray:
    """Return the positions with rows counted from the last candle, which is the first of those that follow."""
    positions = state.positions.copy()
    for column in (layout.PLACED_ROW, layout.ENTRY_ROW):
        positions[:, column] -= positions[:, layout.CURSOR] - 1
    positions[:, layout.CURSOR] = 1
    return positions


def _room(wishes: Wishes, positions: FloatArray, rules: Rules) -> FloatArray:
    """Return a table for as many trades as there can be; memory that is not written costs nothing."""
    most = np.count_nonzero(wishes.bits & layout.ENTER) + np.count_nonzero(positions[:, layout.STATUS])
    return np.empty((int(most) * (1 + len(rules.parts)), len(layout.TRADE_COLUMNS)))


def _chosen(engine: Engine, wishes: Wishes, terms: Terms, positions: FloatArray) -> Engine:
    is_compiled = compiled.is_available()
    if engine is Engine.COMPILED and not is_compiled:
        raise ConfigError(
            "the compiled engine needs numba, which is not installed; install scandesk[fast] or take another engine"
        )
    if engine is Engine.AUTO:
        engine = Engine.COMPILED if is_compiled else Engine.NUMPY
    if engine is Engine.NUMPY and jumps.uncovered(wishes, terms, positions):
        return Engine.PYTHON
    return engine


def _run_of(engine: Engine) -> compiled.Run:
    if engine is Engine.COMPILED:
        return compiled.compiled_run()
    return jumps.run if engine is Engine.NUMPY else plain.run


def trades_of(table: FloatArray, rows: IntArray) -> Trades:
    """Return what the kernels wrote as trades, whose rows are counted from so many before."""
    trades = np.empty(len(table), TRADE)
    for column, name in enumerate(layout.TRADE_COLUMNS):
        trades[name] = table[:, column]
    for name in ("placed_row", "entry_row", "exit_row"):
        trades[name] += rows[trades["instrument"]]
    return trades


def state_after(instruments: Sequence[Sequence[Part]], positions: FloatArray, cash: float, rows: IntArray) -> State:
    """Return where a run ended that left `positions` after candles that so many of each instrument were before."""
    lengths = np.array([sum(len(part.candles) for part in parts) for parts in instruments], np.int64)
    positions[:, layout.CURSOR] = lengths
    last = tuple(_last(parts) for parts in instruments)
    return State(cash, positions, last, rows + np.maximum(lengths - 1, 0))


def _last(parts: Sequence[Part]) -> Part:
    part = next((part for part in reversed(parts) if len(part.candles)), parts[-1])
    values = {field.name: getattr(part.signals, field.name) for field in fields(Signals)}
    newest = {name: value[-1:].copy() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return Part(part.candles.tail(1), Signals(**newest))
