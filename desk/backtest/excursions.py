"""The round trips of a backtest as figures want them: with the worst and the best that each came to on its way."""

from decimal import Decimal

from desk.backtest.history import History
from desk.backtest.prices import Sides
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound
from desk.model.excursions import open_result, rows_held, worst_and_best
from desk.model.records import ClosedTrade, Trade

_NOTHING = Decimal(0)


def rounds_of(result: BacktestResult, history: History) -> tuple[ClosedRound, ...]:
    """Return every round trip that is over, in the order of their ends.

    Worst and best are of the candles in which it was open, see `desk.model.excursions.rows_held`: bounds, and not what
    surely was.
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
        mae=worst * value,
        mfe=best * value,
        exit_reason=closed.reason.value,
        rate=rate,
        financing=float(financing),
    )


def _rate(trade: Trade, closed: ClosedTrade) -> float:
    if closed.entry_value is None or trade.entry_notional == Decimal(0):
        return 1.0
    return float(closed.entry_value / trade.entry_notional)


def _excursions(trade: Trade, closed: ClosedTrade, sides: Sides) -> tuple[float, float]:
    """The worst (0 or less) and the best (0 or more) open result of one base unit, in quote currency."""
    rows = rows_held(sides.candles, trade.opened_at, closed.closed_at)
    bars, entry = sides.bars(trade.side.opposite), float(trade.entry_price)
    seen = (float(bars.low[rows].min()), float(bars.high[rows].max())) if rows.start < rows.stop else ()
    worst, best = worst_and_best(trade.side, entry, (*seen, float(trade.exit_price or trade.entry_price)))
    return open_result(trade.side, entry, worst), open_result(trade.side, entry, best)
