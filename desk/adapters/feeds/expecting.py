"""Which candles an open market should have."""

from datetime import datetime

import numpy as np

from desk.model.candles import IntArray
from desk.model.instrument import InstrumentKind
from desk.model.sessions import open_mask
from desk.model.timeframe import Timeframe


def expected_opens(kind: InstrumentKind, timeframe: Timeframe, first: datetime, until: datetime) -> IntArray:
    """Return the open times, in seconds since the epoch, of the candles that the market is open for at either end.

    Args:
        first: the earliest open time, on a boundary.
        until: the latest close, on a boundary.
    """
    opens = np.arange(int(first.timestamp()), int(until.timestamp()), timeframe.seconds, dtype=np.int64)
    expected: IntArray = opens[open_mask(kind, opens) | open_mask(kind, opens + timeframe.seconds - 1)]
    return expected
