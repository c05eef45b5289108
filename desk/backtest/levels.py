"""Where the trades of a backtest were to end when they were entered."""

from desk.backtest.result import BacktestResult
from desk.model.orders import Barriers


def levels_of(result: BacktestResult) -> tuple[Barriers, ...]:
    """Return the barriers of the order that opened each closed trade, in the order of `BacktestResult.trades`."""
    wanted = {trade.entry_order_id for trade in result.trades}
    found = {
        intent.client_order_id: intent.barriers
        for step in result.steps
        for intent in step.decision.intents
        if intent.client_order_id in wanted
    }
    return tuple(found.get(trade.entry_order_id, Barriers()) for trade in result.trades)
