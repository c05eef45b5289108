"""What trading has brought so far: trades that are over, and what those of one strategy add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from math import fsum, sqrt
from typing import Self

from desk.model.instrument import Side
from desk.model.orders import FillReason
from desk.model.regimes import Regime


@dataclass(frozen=True, slots=True)
class Trade:
    """A round trip from flat to flat.

    Attributes:
        entry_candle_close: the cycle that opened it; None where the desk did not.
        closed_at: None while the position is open.
        realised_profit, fees: in account currency; the profit is before fees.
        exit_reason: what closed it; empty while it is open.
    """

    account: str
    instrument: str
    strategy: str
    side: Side
    entry_order_id: str
    entry_candle_close: datetime | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    entry_quantity: Decimal
    entry_notional: Decimal
    exit_quantity: Decimal
    exit_notional: Decimal
    realised_profit: Decimal
    fees: Decimal
    exit_reason: str

    @property
    def entry_price(self) -> Decimal:
        """The average price of all that was entered, in quote currency."""
        return self.entry_notional / self.entry_quantity

    @property
    def exit_price(self) -> Decimal | None:
        """The average price of all that was closed, or None where nothing was."""
        return self.exit_notional / self.exit_quantity if self.exit_quantity else None


@dataclass(frozen=True)
class ClosedTrade:
    """A round trip that is over.

    Attributes:
        strategy: whose order opened it; empty where it is not known.
        side: of the entry.
        profit: in account currency, after fees.
        fees: in account currency, above 0; below 0 is a rebate.
        risk: what would have been lost at the first stop, in account currency; None where it is not known.
        price_cost: spread and slippage as they were expected when it was entered, in account currency, above 0; they
            are in the profit already; 0 where nobody expected anything.
        reason: of the fill that closed it.
        entry_value: of what was bought or sold at the entry, in account currency; None where no rate was known.
        regime: of the market at the entry; None where the vote did not ask for it.
        was_adjusted: whether one of its fills was an adjustment.
    """

    strategy: str
    instrument: str
    side: Side
    opened_at: datetime
    closed_at: datetime
    profit: Decimal
    fees: Decimal
    risk: Decimal | None
    reason: FillReason
    price_cost: Decimal = Decimal(0)
    entry_value: Decimal | None = None
    regime: Regime | None = None
    was_adjusted: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the market alone made it: what was adjusted says nothing of the strategy."""
        return not self.was_adjusted and self.reason is not FillReason.ADJUSTMENT

    @cached_property
    def gain(self) -> Decimal | None:
        """The profit as a fraction of the value at the entry; below 0 for a loss, None where it cannot be told."""
        value = self.entry_value
        if value is None or not value.is_finite() or value <= 0 or not self.profit.is_finite():
            return None
        return self.profit / value

    @property
    def is_loss(self) -> bool:
        """Whether it cost money after fees; a profit that is no number counts as a loss."""
        return not (self.profit.is_finite() and self.profit >= 0)

    @property
    def was_stopped(self) -> bool:
        """Whether a stop closed it, one that trailed the price included, or the venue by force before it could."""
        return self.reason in (FillReason.STOP, FillReason.TRAILING_STOP, FillReason.LIQUIDATION)

    @property
    def multiple(self) -> float | None:
        """The profit in units of the risk (R), or None where the risk is not known."""
        return float(self.profit / self.risk) if self.risk else None

    @property
    def cost_multiple(self) -> float | None:
        """What of the profit its costs took, in units of the risk (R), or None where the risk is not known."""
        return float((self.fees + self.price_cost) / self.risk) if self.risk else None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What the closed trades of a strategy add up to, in units of the risk taken (R), after fees.

    Attributes:
        wins: trades with a profit above 0.
        mean_win: of the trades with a profit; 0 where there is none.
        mean_loss: of the others, 0 or less.
        deviation: standard deviation of all trades; 0 below two.
        mean_cost: what of each trade its costs took, as far as that is known; wins and losses are after it.
    """

    trades: int
    wins: int
    mean_win: float
    mean_loss: float
    deviation: float
    mean_cost: float = 0.0

    @classmethod
    def of(cls, multiples: Sequence[float], costs: Sequence[float] = ()) -> Self:
        """Return the record of trades by what each brought and cost, in units of its risk, costs where they are known.

        The deviation is that of a sample.
        """
        wins, losses = [one for one in multiples if one > 0], [one for one in multiples if one <= 0]
        return cls(len(multiples), len(wins), _mean(wins), _mean(losses), _deviation(multiples), _mean(costs))

    @property
    def mean(self) -> float:
        """The mean of all trades; 0 without any."""
        if self.trades == 0:
            return 0.0
        return (self.wins * self.mean_win + (self.trades - self.wins) * self.mean_loss) / self.trades


class RecordKeeper:
    """The records of strategies whose trades are told one by one."""

    def __init__(self) -> None:
        self._multiples: dict[str, list[float]] = {}
        self._costs: dict[str, list[float]] = {}

    def add(self, trade: ClosedTrade) -> None:
        """Count a trade, unless its risk is not known or it was adjusted."""
        multiple, cost = trade.multiple, trade.cost_multiple
        if multiple is None or cost is None or not trade.strategy or not trade.is_whole:
            return
        self._multiples.setdefault(trade.strategy, []).append(multiple)
        self._costs.setdefault(trade.strategy, []).append(cost)

    def records(self) -> dict[str, TrackRecord]:
        """Return the record of each strategy that has a trade."""
        return {name: TrackRecord.of(found, self._costs[name]) for name, found in self._multiples.items()}


def track_records(trades: Iterable[ClosedTrade]) -> dict[str, TrackRecord]:
    """Return the record of each strategy.

    A trade whose risk is not known, or that was adjusted, is in no record; a strategy without another trade has none.
    """
    kept = RecordKeeper()
    for trade in trades:
        kept.add(trade)
    return kept.records()


def gains(trades: Iterable[ClosedTrade]) -> tuple[Decimal, ...] | None:
    """Return the gain of each trade that the market alone made, or None where one of them cannot be told."""
    found = tuple(trade.gain for trade in trades if trade.is_whole)
    known = tuple(gain for gain in found if gain is not None)
    return known if len(known) == len(found) else None


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values) if values else 0.0


def _deviation(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = _mean(values)
    return sqrt(fsum([(value - mean) ** 2 for value in values]) / (len(values) - 1))
