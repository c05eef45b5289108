"""What holding a position costs and when a venue takes it: financing of currencies, funding of perpetuals."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, localcontext
from typing import TypeAlias
from zoneinfo import ZoneInfo

from desk.matching.money import EXACT, round_charge
from desk.model.instrument import Side
from desk.model.orders import FillReason

_NEW_YORK = ZoneInfo("America/New_York")
_SETTLED = time(17)
_DAY, _DAYS_OF_A_YEAR = timedelta(days=1), 365
_EPOCH = datetime.fromtimestamp(0, tz=UTC)


@dataclass(frozen=True, slots=True)
class FinancingTerms:
    """Interest on what a venue lends, taken every day of the week at 17:00 in New York, for one day each time.

    Attributes:
        long_rate, short_rate: of a year of 365 days, as a fraction of the notional; below 0 it is paid out.
    """

    long_rate: Decimal
    short_rate: Decimal

    @property
    def reason(self) -> FillReason:
        """What its charges are called."""
        return FillReason.FINANCING

    def due(self, after: datetime) -> datetime:
        """Return the first time after that at which it is taken."""
        day = after.astimezone(_NEW_YORK).date()
        settled = datetime.combine(day, _SETTLED, tzinfo=_NEW_YORK).astimezone(UTC)
        if settled > after:
            return settled
        return datetime.combine(day + _DAY, _SETTLED, tzinfo=_NEW_YORK).astimezone(UTC)

    def charge(self, notional: Decimal, side: Side) -> Decimal:
        """Return what a position of `side` pays at such a time, rounded up at eight decimals; below 0 it receives."""
        with localcontext(EXACT):
            rate = self.long_rate if side is Side.BUY else self.short_rate
            return round_charge(notional * rate / _DAYS_OF_A_YEAR)


@dataclass(frozen=True, slots=True)
class FundingTerms:
    """What longs pay to shorts, at whole multiples of an interval since midnight UTC.

    Attributes:
        rate: of one interval, as a fraction of the notional; below 0 shorts pay.
        interval: above 0.
    """

    rate: Decimal
    interval: timedelta = timedelta(hours=8)

    @property
    def reason(self) -> FillReason:
        """What its charges are called."""
        return FillReason.FUNDING

    def due(self, after: datetime) -> datetime:
        """Return the first time after that at which it is paid."""
        return _EPOCH + ((after - _EPOCH) // self.interval + 1) * self.interval

    def charge(self, notional: Decimal, side: Side) -> Decimal:
        """Return what a position of `side` pays at such a time, rounded up at eight decimals; below 0 it receives."""
        with localcontext(EXACT):
            return round_charge(notional * self.rate * side.sign)


HoldingTerms: TypeAlias = FinancingTerms | FundingTerms
"""What holding a position in one instrument costs."""
