"""Where a position ends by itself inside a candle: time limit, stop, trailing stop, liquidation, target.

A long position exits on the bid, a short one on the ask. A stop comes before a target in the same candle, and a
trailing stop moves only after the check of the candle that moves it, because a candle does not tell what came first.
A liquidation is like a stop where its level is the nearer of the two.
"""

from dataclasses import dataclass
from decimal import Decimal

from desk.matching.fees import Liquidity
from desk.matching.fills import Touch
from desk.matching.spread import Bar, Prices
from desk.model.books import Position
from desk.model.instrument import Side
from desk.model.orders import FillReason


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of a position: what it meets, and why."""

    touch: Touch
    reason: FillReason


def find_exit(position: Position, best_price: Decimal, bar: Bar, *, liquidation: Decimal | None = None) -> Exit | None:
    """Return how a candle ends a position that was open from the candle's first price on, or None.

    A time limit that has passed when the candle opens ends the position at the open.

    Args:
        best_price: the best price that the position has seen before this candle.
        liquidation: the price at which the venue closes it by force; None where it does not.
    """
    prices = bar.prices_for(position.side.opposite)
    limit = position.barriers.time_limit
    if limit is not None and position.opened_at + limit <= bar.opened_at:
        return Exit(Touch(prices.open, Liquidity.TAKER, at_open=True), FillReason.TIME_LIMIT)
    return _stop(position, best_price, prices, liquidation) or _target(position, prices)


def find_exit_after_entry(
    position: Position, best_price: Decimal, bar: Bar, *, liquidation: Decimal | None = None
) -> Exit | None:
    """Return how the rest of a candle ends a position that was opened inside it, or None.

    The target is not looked at: it may have been reached before the entry. The stop counts as hit where the candle
    went from inside the stop to beyond it, or closed beyond it.
    """
    stop = _nearest(position, best_price, liquidation)
    if stop is None:
        return None
    level, reason = stop
    prices = bar.prices_for(position.side.opposite)
    opened_beyond = _is_beyond(position.side, prices.open, level)
    last = prices.close if opened_beyond else prices.worst_for(position.side.opposite)
    if not _is_beyond(position.side, last, level):
        return None
    return Exit(Touch(level, Liquidity.TAKER, at_open=False), reason)


def stop_level(position: Position, best_price: Decimal) -> tuple[Decimal, FillReason] | None:
    """Return the nearer of the fixed and the trailing stop, and which of them it is; None without either."""
    fixed, distance = position.barriers.stop, position.barriers.trailing_distance
    sign = position.side.sign
    trailing = None if distance is None else best_price - sign * distance
    if trailing is not None and (fixed is None or (trailing - fixed) * sign > 0):
        return trailing, FillReason.TRAILING_STOP
    return None if fixed is None else (fixed, FillReason.STOP)


def trail(position: Position, best_price: Decimal, bar: Bar, *, entered_inside: bool = False) -> Decimal:
    """Return the best price after a candle.

    Args:
        entered_inside: of the candle in which the position was opened only the close is sure to come after it.
    """
    prices = bar.prices_for(position.side.opposite)
    seen = prices.close if entered_inside else prices.best_for(position.side.opposite)
    return max(best_price, seen) if position.side is Side.BUY else min(best_price, seen)


def _nearest(position: Position, best_price: Decimal, liquidation: Decimal | None) -> tuple[Decimal, FillReason] | None:
    """The stop or the liquidation, whichever a price that goes against the position meets first."""
    stop = stop_level(position, best_price)
    if liquidation is not None and (stop is None or (liquidation - stop[0]) * position.side.sign > 0):
        return liquidation, FillReason.LIQUIDATION
    return stop


def _stop(position: Position, best_price: Decimal, prices: Prices, liquidation: Decimal | None) -> Exit | None:
    stop = _nearest(position, best_price, liquidation)
    if stop is None:
        return None
    level, reason = stop
    if _is_beyond(position.side, prices.open, level):
        return Exit(Touch(prices.open, Liquidity.TAKER, at_open=True), reason)
    if _is_beyond(position.side, prices.worst_for(position.side.opposite), level):
        return Exit(Touch(level, Liquidity.TAKER, at_open=False), reason)
    return None


def _target(position: Position, prices: Prices) -> Exit | None:
    target = position.barriers.target
    if target is None or not _is_beyond(position.side.opposite, prices.best_for(position.side.opposite), target):
        return None
    gapped = _is_beyond(position.side.opposite, prices.open, target)
    return Exit(Touch(prices.open if gapped else target, Liquidity.MAKER, at_open=gapped), FillReason.TARGET)


def _is_beyond(side: Side, price: Decimal, level: Decimal) -> bool:
    """Whether a price has moved against a position of `side` to the level or past it."""
    return (price - level) * side.sign <= 0
