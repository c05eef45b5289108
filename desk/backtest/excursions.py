"""The round trips of a backtest as figures want them: with the worst and the best that each came to on its way."""

from decimal import Decimal

import numpy as np

from desk.backtest.history import History
from desk.backtest.prices import Sides
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound
from desk.model.records import ClosedTrade, Trade

_NOTHING = Decimal(0)


def rounds_of(result: BacktestResult, history: History) -> tuple[ClosedRound, ...]:
    """Return every round trip that is over, in the order of their ends.

    Worst and best are of the candles in which it was open, the first and the last whole; of a candle it is not known
    what came before the entry or after the exit, so that they are bounds and not what surely was.
    """
    width = float(result.opening.terms.half_spread_bps)
    sides = {name: Sides(one, history.base[name], width) for name, one in history.instruments.items()}
    pairs, charges = zip(result.trades, result.closed, strict=True), result.charges
    return tuple(
        _round(trade, closed, sides[trade.instrument], charges.get(trade.entry_order_id, _NOTHING))
        for trade, closed in pairs
    )


def _round(trade: Trade, closed: ClosedTrade, sides: Sides, financing: Decimal) -> ClosedRound:
    rate = _rate(trade, closed)
    worst, best = _excursions(trade, closed, sides)
    value = float(trade.entry_quantity) * rate
    return ClosedRound(
        instrument=trade.instrument,
        strategy=trade.strategy,
        side=trade.side,
        opened_at=trade.opened_at,
        closed_at=closed.closed_at,
        quantity=float(trade.entry_quantity),
        entry_price=float(trade.entry_price),
        exit_price=float(trade.exit_price or 0),
        profit=float(closed.profit),
        costs=float(closed.fees + closed.price_cost),
        risk=None if closed.risk is None else float(closed.risk),
        mae=min(worst * value, 0.0),
        mfe=max(best * value, 0.0),
        exit_reason=closed.reason.value,
        rate=rate,
        financing=float(financing),
    )


def _rate(trade: Trade, closed: ClosedTrade) -> float:
    if closed.entry_value is None or trade.entry_notional == Decimal(0):
        return 1.0
    return float(closed.entry_value / trade.entry_notional)


def _excursions(trade: Trade, closed: ClosedTrade, sides: Sides) -> tuple[float, float]:
    """The worst and the best open result of one base unit, in quote currency."""
    time, sign = sides.candles.time, trade.side.sign
    first = max(int(np.searchsorted(time, int(trade.opened_at.timestamp()), side="right")) - 1, 0)
    last = int(np.searchsorted(time, int(closed.closed_at.timestamp()), side="left"))
    bars = sides.bars(trade.side.opposite)
    rows = slice(first, max(last, first + 1))
    gains = np.concatenate([bars.low[rows], bars.high[rows], [float(trade.exit_price or trade.entry_price)]])
    results = (gains - float(trade.entry_price)) * sign
    return float(results.min()), float(results.max())
