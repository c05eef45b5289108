"""The candle lengths of the venues."""

import pytest

from desk.adapters.venues.aster.candles import INTERVALS
from desk.adapters.venues.candle_lengths import named
from desk.adapters.venues.coinbase.requests import candles
from desk.errors import DataError
from desk.model.timeframe import Timeframe


def test_a_length_is_asked_for_by_the_venues_name() -> None:
    assert named(Timeframe.H2, INTERVALS, venue="aster", instrument="BTC/USDT") == "2h"


def test_a_length_that_a_venue_does_not_have_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(DataError, match=r"BTC/USD: expected a timeframe of coinbase, which are M1, .*, D1; found M10"):
        candles("BTC/USD", Timeframe.M10, 0, 600)
