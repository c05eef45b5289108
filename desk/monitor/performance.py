"""What closed trades came to: win rate, expectancy, profit factor and drawdown, by strategy, instrument and others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from enum import StrEnum

from desk.model.records import ClosedTrade
from desk.monitor.drawdown import largest_drawdown
from desk.monitor.estimates import Estimate, mean_of, share_of

_NOTHING = Decimal(0)


class Grouping(StrEnum):
    """By what trades are told apart; HOUR is that of the entry in UTC, REASON that of the exit."""

    STRATEGY = "strategy"
    INSTRUMENT = "instrument"
    REGIME = "regime"
    HOUR = "hour"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of one or more closed trades; amounts in account currency, after fees.

    Attributes:
        wins: trades with a profit above 0.
        win_rate: a fraction, with Wilson's interval.
        profit: of all trades together.
        multiples: trades whose risk is known.
        mean_multiple: the expectancy in units of the risk (R), with Student's interval; None below two such trades.
        profit_factor: what the wins brought for each unit that the losses took; None without a loss.
        drawdown: the largest fall of the sum of profits from its highest point, which is never below 0.
        drawdown_multiple: the same in units of the risk (R); None where no risk is known.
    """

    trades: int
    wins: int
    win_rate: Estimate
    profit: Decimal
    multiples: int
    mean_multiple: Estimate | None
    profit_factor: Decimal | None
    drawdown: Decimal
    drawdown_multiple: Decimal | None

    @property
    def expectancy(self) -> Decimal:
        """The mean profit of a trade."""
        return self.profit / self.trades


def performance_of(trades: Sequence[ClosedTrade]) -> Performance:
    """Return the figures of one or more trades, oldest first."""
    profits = [trade.profit for trade in trades]
    wins = [profit for profit in profits if profit > 0]
    lost = -sum((profit for profit in profits if profit < 0), _NOTHING)
    multiples = [trade.profit / trade.risk for trade in trades if trade.risk]
    return Performance(
        trades=len(trades),
        wins=len(wins),
        win_rate=share_of(len(wins), len(trades)),
        profit=sum(profits, _NOTHING),
        multiples=len(multiples),
        mean_multiple=mean_of([float(one) for one in multiples]),
        profit_factor=sum(wins, _NOTHING) / lost if lost else None,
        drawdown=largest_drawdown(profits).amount,
        drawdown_multiple=largest_drawdown(multiples).amount if multiples else None,
    )


def grouped(trades: Iterable[ClosedTrade], by: Grouping) -> Mapping[str, Sequence[ClosedTrade]]:
    """Return the trades under what they are told apart by, in its order, each group oldest first.

    A trade that was adjusted did not end in the market as a whole, and is shown by reason alone. What is not known of a
    trade, such as who opened it, is the empty text.
    """
    groups: dict[str, list[ClosedTrade]] = {}
    for trade in trades:
        if by is Grouping.REASON or trade.is_whole:
            groups.setdefault(_group(trade, by), []).append(trade)
    return dict(sorted(groups.items()))


def left_out(trades: Iterable[ClosedTrade], by: Grouping) -> Mapping[str, int]:
    """Return how many trades `grouped` leaves out because they were adjusted, under what they are told apart by."""
    return Counter(_group(trade, by) for trade in trades if by is not Grouping.REASON and not trade.is_whole)


def _group(trade: ClosedTrade, by: Grouping) -> str:
    if by is Grouping.HOUR:
        return f"{trade.opened_at.astimezone(UTC):%H}:00"
    found = getattr(trade, by)
    return "" if found is None else str(found)
