"""A builder of round trips, and curves of equity; the test names what matters to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from desk.backtest.curve import DAY, EquityCurve
from desk.backtest.rounds import ClosedRound
from desk.model.instrument import Side

START = datetime(2024, 1, 1, tzinfo=UTC)


def closed(profit: float = 0.0, *, after: float = 0.0, hours: float = 1.0, **fields: Any) -> ClosedRound:
    """A long of 2 at 50, opened so many hours after the start and held so many."""
    opened = START + timedelta(hours=after)
    values: dict[str, Any] = {"instrument": "BTC/USD", "strategy": "trend", "side": Side.BUY, "quantity": 2.0}
    values |= {"opened_at": opened, "closed_at": opened + timedelta(hours=hours)}
    values |= {"entry_price": 50.0, "exit_price": 50.0, "profit": float(profit)}
    return ClosedRound(**(values | fields))


def in_a_row(*profits: float, **fields: Any) -> list[ClosedRound]:
    return [closed(profit, after=place, **fields) for place, profit in enumerate(profits)]


def curve(values: Sequence[float], *, step: int = DAY, start: datetime = START) -> EquityCurve:
    """Equity at equal steps from the start on."""
    time = int(start.timestamp()) + step * np.arange(len(values), dtype=np.int64)
    return EquityCurve(time, np.array(values, dtype=np.float64))
