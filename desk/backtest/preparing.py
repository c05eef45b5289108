"""From candles, signals and rules to what the kernels read; everything is checked here, since they check nothing."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from math import inf, nan

import numpy as np
import numpy.typing as npt

from desk.backtest.kernels import layout
from desk.backtest.kernels.layout import Market, Prices, Terms, Wishes
from desk.backtest.rules import AtEnd, Conventions, Distance, Rules, SizedBy
from desk.backtest.signals import BoolArray, PerRow, Signals
from desk.errors import DataError
from desk.model.candles import Candles, FloatArray, IntArray, PriceBars


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A piece of one instrument's history: what was carried over from a run before, or what is new."""

    candles: Candles
    signals: Signals


Parts = Sequence[Sequence[Part]]


def market_of(instruments: Parts) -> tuple[Market, IntArray]:
    """Return the candles of all instruments one after the other, and the open times of their common axis."""
    flat = [part.candles for parts in instruments for part in parts]
    buy = _prices(flat, "ask")
    one_sided = all(candles.bid is None and candles.ask is None for candles in flat)
    sell = buy if one_sided else _prices(flat, "bid")
    lengths = [sum(len(part.candles) for part in parts) for parts in instruments]
    first = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    time = _frozen(_joined([candles.time for candles in flat]))
    axis, rows = _axis([time[start:end] for start, end in pairwise(first.tolist())])
    return Market(buy, sell, time, _frozen(first), _frozen(rows), len(axis)), axis


def _prices(flat: Sequence[Candles], side: str) -> Prices:
    bars: list[Candles | PriceBars] = [getattr(candles, side) or candles for candles in flat]
    return Prices(*(_frozen(_joined([getattr(one, name) for one in bars])) for name in Prices._fields))


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _axis(times: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    if all(times[0] is other or np.array_equal(times[0], other) for other in times[1:]):
        return times[0], np.empty(0, np.int64)
    axis = np.unique(np.concatenate(times))
    return axis, np.searchsorted(axis, np.concatenate(times)).astype(np.int64)


def wishes_of(instruments: Parts, rules: Rules) -> Wishes:
    """Return the signals of all instruments in the order of their candles.

    Raises:
        DataError: an array has another length than its candles, or an entry lacks what its size or distances need.
    """
    for parts in instruments:
        for part in parts:
            _check_shape(part)
    flat = [part for parts in instruments for part in parts]
    bits = _frozen(_joined([_bits(part) for part in flat]))
    columns = {name: _column(flat, name) for name in Wishes._fields if name != "bits"}
    wishes = Wishes(bits=bits, **columns)
    _check_entries(wishes, rules)
    return wishes


def _check_shape(part: Part) -> None:
    faults = part.signals.shape_faults(len(part.candles))
    if faults:
        raise DataError(
            f"{part.candles.instrument}: signals must have one element per candle, flags of type bool; "
            f"expected {len(part.candles)}, found {', '.join(faults)}"
        )


def _bits(part: Part) -> npt.NDArray[np.uint8]:
    signals = part.signals
    nothing = np.zeros(len(part.candles), bool)
    longs, long_exits = _uncontradicted(signals.enter_long, signals.exit_long, nothing)
    shorts, short_exits = _uncontradicted(signals.enter_short, signals.exit_short, nothing)
    if signals.enter_long is not None and signals.enter_short is not None:
        one_side = ~(signals.enter_long & signals.enter_short)
        longs, shorts = longs & one_side, shorts & one_side
    bits = longs.view(np.uint8).copy()
    for flags, bit in ((shorts, layout.ENTER_SHORT), (long_exits, layout.EXIT_LONG), (short_exits, layout.EXIT_SHORT)):
        if flags is not nothing:
            bits |= flags.view(np.uint8) * np.uint8(bit)
    return bits


def _uncontradicted(
    enter: BoolArray | None, leave: BoolArray | None, nothing: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Return entries and exits of one side where only one of them is wished."""
    if enter is None or leave is None:
        return (nothing if enter is None else enter), (nothing if leave is None else leave)
    # True is greater than False: this is `enter and not leave` in one pass.
    return np.greater(enter, leave), np.greater(leave, enter)


def _column(flat: Sequence[Part], name: str) -> FloatArray:
    values: list[PerRow] = [getattr(part.signals, name) for part in flat]
    single = {None if value is None else value for value in values if not isinstance(value, np.ndarray)}
    if len(single) == 1 and not any(isinstance(value, np.ndarray) for value in values):
        return _frozen(np.array([_number(single.pop())]))
    return _frozen(_joined([_row_values(value, len(part.candles)) for value, part in zip(values, flat, strict=True)]))


def _row_values(value: PerRow, rows: int) -> FloatArray:
    return value if isinstance(value, np.ndarray) else np.full(rows, _number(value))


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _check_entries(wishes: Wishes, rules: Rules) -> None:
    entries = np.flatnonzero((wishes.bits & layout.ENTER) != 0)
    needed = {"unit": rules.distance == Distance.UNIT, "quantity": rules.sizing.by is SizedBy.QUANTITY}
    for name in ("stop", "target", "limit", "unit", "quantity"):
        column: FloatArray = getattr(wishes, name)
        found = column[entries] if len(column) > 1 else column
        broken = ~(found > 0) if needed.get(name) else found <= 0
        if len(entries) and broken.any():
            wrong = found[np.argmax(broken)]
            raise DataError(
                f"signals of entry: {name} must be positive{'' if needed.get(name) else ' or NaN'} in each row that "
                f"enters; expected a positive number, found {wrong} ({int(broken.sum())} such rows)"
            )


def terms_of(rules: Rules, given: Set[str]) -> Terms:
    """Return the rules as numbers.

    Args:
        given: the names of the signals that there are.
    """
    trailing, break_even = rules.trailing, rules.break_even
    return Terms(
        sized_by=_SIZED_BY[rules.sizing.by],
        amount=float(rules.sizing.amount),
        fee=float(rules.fee),
        slippage=float(rules.slippage),
        leverage=float(rules.leverage),
        maintenance=-inf if rules.maintenance is None else float(rules.maintenance),
        distance=_DISTANCE[rules.distance],
        trailing=float(trailing.distance) if trailing else nan,
        activation=float(trailing.activation) if trailing else 0.0,
        trailing_before=_number(trailing.before if trailing else None),
        break_even=float(break_even.gain) if break_even else nan,
        lock=float(break_even.lock) if break_even else 0.0,
        rung_ages=_frozen(np.array([rung.age.total_seconds() for rung in rules.ladder], np.float64)),
        rung_gains=_frozen(np.array([rung.gain for rung in rules.ladder], np.float64)),
        part_gains=_frozen(np.array([part.gain for part in rules.parts], np.float64)),
        part_fractions=_frozen(np.array([part.fraction for part in rules.parts], np.float64)),
        time_exit=inf if rules.time_exit is None else rules.time_exit.total_seconds(),
        entry_timeout=inf if rules.entry_timeout is None else rules.entry_timeout.total_seconds(),
        exit_timeout=inf if rules.exit_timeout is None else rules.exit_timeout.total_seconds(),
        replaces=int("replacement" in given),
        closes_at_end=int(rules.at_end == AtEnd.CLOSE),
        conventions=_CONVENTIONS[rules.conventions],
        quick=int(_is_plain(rules, given)),
    )


def _is_plain(rules: Rules, given: Set[str]) -> bool:
    """Return whether nothing but a signal, a stop, a target and liquidation can end a position."""
    more = rules.trailing or rules.break_even or rules.ladder or rules.parts or rules.time_exit is not None
    return not more and "exit_limit" not in given and rules.conventions == Conventions.DESK


_SIZED_BY = {
    SizedBy.EQUITY: layout.BY_EQUITY,
    SizedBy.NOTIONAL: layout.BY_NOTIONAL,
    SizedBy.QUANTITY: layout.BY_QUANTITY,
}
_DISTANCE = {
    Distance.PRICE: layout.OF_PRICE,
    Distance.FRACTION: layout.OF_FRACTION,
    Distance.UNIT: layout.OF_UNIT,
}
_CONVENTIONS = {Conventions.DESK: layout.DESK, Conventions.FREQTRADE: layout.FREQTRADE}


def _frozen(array: np.ndarray) -> np.ndarray:
    # All alike, aligned and read-only: to a compiler each difference is another type, and another compilation.
    view = np.require(array, requirements=["C", "A"]).view()
    view.flags.writeable = False
    return view
