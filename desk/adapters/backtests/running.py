"""Carries out what was asked of the past, the same from a command, a flow or a run that is repeated."""

from collections.abc import Callable

from desk.accounts import Fleet
from desk.adapters.backtests.opening import Past, open_past
from desk.adapters.backtests.records import Asked, Outcome
from desk.backtest.engine import backtest
from desk.backtest.excursions import rounds_of
from desk.backtest.headlines import measure


async def open_asked(fleet: Fleet, asked: Asked) -> Past:
    """Return the past that a backtest asks for; the errors are those of `open_past`."""
    return await open_past(fleet, asked.account, files=asked.files, start=asked.start, end=asked.end, cash=asked.cash)


def carry_out(asked: Asked, past: Past, progress: Callable[[float], object] = lambda _done: None) -> Outcome:
    """Return what came of a backtest; the errors are those of `backtest`."""
    result = backtest(
        past.policy,
        past.history,
        past.opening,
        start=asked.start,
        end=asked.end,
        setting=past.setting,
        windows=asked.windows,
        progress=progress,
    )
    rounds = rounds_of(result, past.history)
    return Outcome(asked, past, result, rounds, measure(result, past.history, rounds))
