"""What no candle may be, row by row: the rules of `Candles`, with every row that breaks one."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from desk.candle_checks.columns import PRICES, SIDES, VOLUME, Columns, names_of
from desk.candle_checks.findings import Broken, Rule, broken_rows, written
from desk.model.candles import FloatArray
from desk.model.timeframe import Timeframe

_ENOUGH = 10
"""Rows that do not lie on the boundaries of a longer timeframe by chance, however few minutes had a trade."""


def broken_by_rows(columns: Columns, timeframe: Timeframe) -> tuple[Broken, ...]:
    """Return the rules that rows break, without those about what lies between rows."""
    found = (*_times(columns, timeframe), *_values(columns), _crossed(columns), _volume(columns))
    return tuple(broken for broken in found if broken is not None)


def _times(columns: Columns, timeframe: Timeframe) -> Iterator[Broken | None]:
    time = columns.time
    steps = np.diff(time, prepend=time[:1] - 1)
    yield broken_rows(Rule.ORDER, steps < 0, time, lambda row: f"opens before {written(time[row - 1])}, which precedes")
    yield broken_rows(Rule.DUPLICATE, steps == 0, time, lambda _: "opens with the candle before")
    boundary = f"expected an open time on {timeframe} boundaries, counted from midnight UTC"
    yield broken_rows(Rule.BOUNDARY, time % timeframe.seconds != 0, time, lambda _: boundary)
    longer = _longer(columns, timeframe)
    told = f"expected candles of {timeframe}, found that every candle opens on {longer} boundaries"
    first = (np.arange(len(time)) == 0) & (longer is not None)
    yield broken_rows(Rule.TIMEFRAME, first, time, lambda _: told)


def _longer(columns: Columns, timeframe: Timeframe) -> Timeframe | None:
    """Return the longest timeframe that all candles seem to be of, where that is another one than was said."""
    if len(columns) < _ENOUGH:
        return None
    longer = [one for one in Timeframe if one.seconds > timeframe.seconds]
    fitting = (one for one in reversed(longer) if not (columns.time % one.seconds).any())
    return next(fitting, None)


def _values(columns: Columns) -> Iterator[Broken | None]:
    for names in (PRICES, *(names_of(side) for side in SIDES)):
        if names[0] in columns.values:
            prices = [columns.values[name] for name in names]
            usable = _where(prices, np.isfinite)
            yield _prices(Rule.FINITE, columns, names, ~usable, "expected finite prices")
            positive = _where(prices, lambda values: values > 0)
            yield _prices(Rule.POSITIVE, columns, names, usable & ~positive, "expected prices above 0")
            first, high, low, last = prices
            outside = (high < np.maximum(first, last)) | (low > np.minimum(first, last))
            yield _prices(Rule.ENCLOSE, columns, names, outside, "expected high and low around open and close")


def _prices(
    rule: Rule, columns: Columns, names: tuple[str, ...], mask: npt.NDArray[np.bool_], expected: str
) -> Broken | None:
    return broken_rows(rule, mask, columns.time, lambda row: f"{expected}, found {_told(columns, names, row)}")


def _crossed(columns: Columns) -> Broken | None:
    pairs = [(f"bid_{price}", f"ask_{price}") for price in PRICES]
    if not all(name in columns.values for pair in pairs for name in pair):
        return None
    masks = [columns.values[bid] > columns.values[ask] for bid, ask in pairs]

    def detail(row: int) -> str:
        pair = next(pair for pair, mask in zip(pairs, masks, strict=True) if mask[row])
        return f"expected no bid above the ask, found {_told(columns, pair, row)}"

    return broken_rows(Rule.CROSSED, np.logical_or.reduce(masks), columns.time, detail)


def _volume(columns: Columns) -> Broken | None:
    volume = columns.values.get(VOLUME)
    if volume is None:
        return None
    legal = np.isfinite(volume) & (volume >= 0)
    return broken_rows(Rule.VOLUME, ~legal, columns.time, lambda row: f"expected 0 or more, found {volume[row]}")


def _where(prices: list[FloatArray], holds: Callable[[FloatArray], npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.logical_and.reduce([holds(values) for values in prices]))


def _told(columns: Columns, names: tuple[str, ...], row: int) -> str:
    return ", ".join(f"{name} {columns.values[name][row]}" for name in names)
