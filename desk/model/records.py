"""What trading has brought so far: trades that are over, and what those of one strategy add up to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.model.instrument import Side
from desk.model.orders import FillReason


@dataclass(frozen=True, slots=True)
class ClosedTrade:
    """A round trip that is over.

    Attributes:
        strategy: whose order opened it; empty where it is not known.
        side: of the entry.
        profit: in account currency, after fees.
        fees: in account currency, above 0; below 0 is a rebate.
        risk: what would have been lost at the first stop, in account currency; None where it is not known.
        reason: of the fill that closed it.
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

    @property
    def multiple(self) -> float | None:
        """The profit in units of the risk (R), or None where the risk is not known."""
        return float(self.profit / self.risk) if self.risk else None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What the closed trades of a strategy add up to, in units of the risk taken (R), after fees.

    Attributes:
        wins: trades with a profit above 0.
        mean_win: of the trades with a profit; 0 where there is none.
        mean_loss: of the others, 0 or less.
        deviation: standard deviation of all trades; 0 below two.
    """

    trades: int
    wins: int
    mean_win: float
    mean_loss: float
    deviation: float

    @property
    def mean(self) -> float:
        """The mean of all trades; 0 without any."""
        if self.trades == 0:
            return 0.0
        return (self.wins * self.mean_win + (self.trades - self.wins) * self.mean_loss) / self.trades
