"""The one rule by which a feed turns candles into a quote, the same for every feed and for the matching engine.

The quote as of a time is the open of the base candle that contains the time, since that open is known when the candle
opens; without such a candle it is the close of the last one before.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import floor

import numpy as np
import numpy.typing as npt

from desk.matching.spread import to_decimal
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.instrument import Instrument, Side
from desk.model.sessions import is_open, open_mask

QUIET_FOR = timedelta(minutes=5)
"""How long after the last candle an open market usually still counts as tradable."""


def quote_of(instrument: Instrument, candles: Candles, at: datetime, *, quiet_for: timedelta) -> Quote | None:
    """Return the best prices as of `at`, on the tick, or None where no candle opened by then.

    Candles without bid and ask give one price for both sides: the spread is then the trading venue's to add. Prices off
    the tick are rounded away from the middle. The time of the quote is the open of the candle that contains `at`, or
    the close of the last one before.

    Args:
        instrument: gives tick and sessions.
        candles: of the base timeframe; may reach beyond `at`.
        at: the time that is asked about.
        quiet_for: how long after the last candle an open market still counts as tradable.
    """
    row = int(candles.time.searchsorted(floor(at.timestamp()), side="right")) - 1
    if row < 0:
        return None
    opened = datetime.fromtimestamp(int(candles.time[row]), tz=UTC)
    closed = opened + candles.timeframe.duration
    if at < closed:
        return _quote(instrument, candles, "open", row, opened, tradable=True)
    tradable = at - closed <= quiet_for and is_open(instrument.kind, at)
    return _quote(instrument, candles, "close", row, closed, tradable=tradable)


def tradable_mask(
    instrument: Instrument, candles: Candles, times: IntArray, *, quiet_for: timedelta
) -> npt.NDArray[np.bool_]:
    """Return for each of the times, in seconds, whether the quote of `quote_of` is tradable; True before the first."""
    rows = np.maximum(np.searchsorted(candles.time, times, side="right") - 1, 0)
    since = times - (candles.time[rows] + candles.timeframe.seconds)
    quiet = since <= quiet_for / timedelta(seconds=1)
    return np.asarray((since < 0) | (quiet & open_mask(instrument.kind, times)))


def _quote(
    instrument: Instrument, candles: Candles, moment: str, row: int, known_at: datetime, *, tradable: bool
) -> Quote:
    bid = _exact(candles.bid or candles, moment, row)
    ask = bid if candles.bid is candles.ask else _exact(candles.ask or candles, moment, row)
    return Quote(
        instrument.name,
        bid=instrument.round_price_for(Side.BUY, bid),
        ask=instrument.round_price_for(Side.SELL, ask),
        at=known_at,
        tradable=tradable,
    )


def _exact(bars: Candles | PriceBars, moment: str, row: int) -> Decimal:
    prices: FloatArray = getattr(bars, moment)
    return to_decimal(float(prices[row]))
