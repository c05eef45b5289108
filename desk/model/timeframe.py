"""The candle lengths that the desk knows."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Timeframe(StrEnum):
    """A candle length, named as OANDA does: letter of the unit, then the count."""

    M1 = "M1"
    M5 = "M5"
    M10 = "M10"
    M15 = "M15"
    M30 = "M30"
    H1 = "H1"
    H2 = "H2"
    H4 = "H4"
    D1 = "D1"

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return _SECONDS[self]

    @property
    def duration(self) -> timedelta:
        """Length as a duration."""
        return timedelta(seconds=self.seconds)

    def floor(self, at: datetime) -> datetime:
        """Return the last boundary at or before `at`, which is the close of the newest closed candle.

        Boundaries are counted from midnight UTC.
        """
        return datetime.fromtimestamp(int(at.timestamp()) // self.seconds * self.seconds, tz=UTC)


_SECONDS = {
    Timeframe.M1: 60,
    Timeframe.M5: 300,
    Timeframe.M10: 600,
    Timeframe.M15: 900,
    Timeframe.M30: 1_800,
    Timeframe.H1: 3_600,
    Timeframe.H2: 7_200,
    Timeframe.H4: 14_400,
    Timeframe.D1: 86_400,
}
