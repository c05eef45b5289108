"""What a venue calls the candle lengths that it has."""

from collections.abc import Mapping

from desk.errors import DataError
from desk.model.timeframe import Timeframe


def named(timeframe: Timeframe, names: Mapping[Timeframe, str], *, venue: str, instrument: str) -> str:
    """Return the venue's name of a candle length.

    Raises:
        DataError: the venue has no such candles.
    """
    if timeframe not in names:
        known = ", ".join(names)
        raise DataError(f"{instrument}: expected a timeframe of {venue}, which are {known}; found {timeframe}")
    return names[timeframe]
