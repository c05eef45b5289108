"""Where in the past a position may end by itself: looked for in floats, to be decided by the exact candle."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from desk.backtest.prices import Sides
from desk.matching.book import Holding
from desk.model.candles import FloatArray

_FIRST_LOOK, _FARTHER = 64, 4
"""How many candles are looked at first, and how many times as many after that: most positions end soon."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """How far a position has been followed.

    Attributes:
        holding: with the best price that it has seen before `row`.
        row: the first candle that it has not been followed through.
        touch: the next candle that may end it; None where none does.
        closes_at: when that candle closes, in seconds.
    """

    holding: Holding
    row: int
    touch: int | None
    closes_at: int | None

    def is_of(self, holding: Holding) -> bool:
        """Return whether that is the same position, whatever prices it has seen since."""
        known = self.holding
        return known is holding or (known.entry_id == holding.entry_id and known.position == holding.position)


def follow(holding: Holding, sides: Sides, row: int) -> Lookout:
    """Return where a position may end from a candle on."""
    touch = next_touch(holding, sides, row)
    closes_at = None if touch is None else int(sides.candles.time[touch]) + sides.candles.timeframe.seconds
    return Lookout(holding, row, touch, closes_at)


def best_after(holding: Holding, sides: Sides, rows: range) -> int | None:
    """Return the candle in which a position has seen its best price, where that moves its trailing stop."""
    position = holding.position
    if position.barriers.trailing_distance is None or not rows:
        return None
    bars, sign = sides.bars(position.side.opposite), position.side.sign
    liked = bars.high if sign > 0 else bars.low
    return rows.start + int((liked[rows.start : rows.stop] * sign).argmax())


def next_touch(holding: Holding, sides: Sides, row: int) -> int | None:
    """Return the first candle from `row` on that may end a position, or None where none does.

    It is never later than the one that does, and the exact candle decides: levels are a tick nearer here.

    Args:
        holding: with the best price that it has seen before `row`.
        sides: prices of its instrument.
        row: of the base candles.
    """
    limit, last = holding.position.barriers.time_limit, len(sides.candles)
    over = last
    if limit is not None:
        expiry = ceil((holding.position.opened_at + limit).timestamp())
        over = int(np.searchsorted(sides.candles.time, expiry, side="left"))
    best, length = float(holding.best_price), _FIRST_LOOK
    while row < over:
        until = min(row + length, over)
        touched, best = _touched(holding, sides, slice(row, until), best)
        if touched is not None:
            return row + touched
        row, length = until, length * _FARTHER
    return max(row, over) if max(row, over) < last else None


def _touched(holding: Holding, sides: Sides, rows: slice, best: float) -> tuple[int | None, float]:
    """The first of the rows that may touch a level, and the best price after all of them."""
    position = holding.position
    barriers, sign = position.barriers, position.side.sign
    bars = sides.bars(position.side.opposite)
    worst, liked = (bars.low, bars.high) if sign > 0 else (bars.high, bars.low)
    near = float(sides.instrument.tick)
    met = np.zeros(rows.stop - rows.start, dtype=bool)
    if barriers.stop is not None:
        met |= _reached(worst[rows], float(barriers.stop), near, -sign)
    if barriers.target is not None:
        met |= _reached(liked[rows], float(barriers.target), near, sign)
    if barriers.trailing_distance is not None:
        seen = _best_before(liked[rows], best, sign)
        met |= (worst[rows] - seen) * sign <= near - float(barriers.trailing_distance)
        best = sign * max(best * sign, float((liked[rows] * sign).max()))
    first = int(met.argmax())
    return (first if met[first] else None), best


def _reached(prices: FloatArray, level: float, near: float, direction: int) -> npt.NDArray[np.bool_]:
    """Where prices that go up to a level, or down to it, are as near to it as that."""
    return prices >= level - near if direction > 0 else prices <= level + near


def _best_before(liked: FloatArray, best: float, sign: int) -> FloatArray:
    """The best price that the position has seen before each candle."""
    seen = np.concatenate(([best * sign], liked[:-1] * sign))
    return np.asarray(np.maximum.accumulate(seen) * sign, dtype=np.float64)
