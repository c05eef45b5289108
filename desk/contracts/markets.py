"""Made markets on which a strategy is examined: seeded, so that the same arguments make the same candles."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.market import Market, Series
from desk.model.timeframe import Timeframe

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""

_DAY = Timeframe.D1.seconds
_NEWS_EVERY = 24
_CALM_NEWS = 0.7


def sample_market(
    count: int,
    *,
    seed: int = 1,
    price: float = 1.1,
    volume: float = 100.0,
    longer: Sequence[Timeframe] = (),
    timeframe: Timeframe = Timeframe.M5,
    wildness: float = 1.0,
    half_spread_bps: float | None = None,
) -> Market:
    """A walk that trends, ranges, jumps and pauses over week ends, the same in longer timeframes, and side data.

    Args:
        wildness: how many times as far the price moves as that of a currency in five minutes.
        half_spread_bps: the usual one of candles with bid and ask; None for candles of trades only.
    """
    random = np.random.default_rng(seed)
    calm_or_wild = np.repeat(random.choice([1.0, 2.5], count // 40 + 1), 40)[:count]
    drift = np.repeat(random.normal(0, 0.6, count // 60 + 1), 60)[:count]
    steps = (random.normal(0, 1, count) + drift) * calm_or_wild * 3e-4 * wildness
    close = price * np.exp(np.cumsum(steps))
    opens = np.concatenate(([price], close[:-1]))[:count]
    reach = np.abs(random.normal(0, 2e-4 * wildness, (2, count))) * price
    high, low = np.maximum(opens, close) + reach[0], np.maximum(np.minimum(opens, close) - reach[1], price * 1e-6)
    volumes = volume * random.gamma(2, 0.5, count)
    mid = PriceBars(opens, high, low, close)
    bid, ask = (None, None) if half_spread_bps is None else _sides(mid, half_spread_bps, random)
    own = Candles("EUR/USD", timeframe, open_times(count, timeframe), opens, high, low, close, volumes, bid, ask)
    return Market(timeframe, _with_longer(own, longer), _side_data(own, random))


def flat_market(
    count: int,
    *,
    price: float,
    noise: FloatArray,
    longer: Sequence[Timeframe] = (),
    timeframe: Timeframe = Timeframe.M5,
) -> Market:
    """Prices that do not move but for `noise`, a fraction of the price; the book is even, and there is good news."""
    close = price * (1 + noise)
    own = Candles("EUR/USD", timeframe, open_times(count, timeframe), close, close, close, close, np.full(count, 100.0))
    known_at = own.close_times
    series = {
        "book_imbalance": Series(known_at, np.zeros(count)),
        "micro_price": Series(known_at, close),
        "news_pressure": Series(known_at, np.full(count, _CALM_NEWS)),
    }
    return Market(timeframe, _with_longer(own, longer), series)


def open_times(count: int, timeframe: Timeframe = Timeframe.M5) -> IntArray:
    """Open times from a Monday on, five days of seven."""
    per_day = _DAY // timeframe.seconds
    rows = np.arange(count)
    weeks, within = rows // (5 * per_day), rows % (5 * per_day)
    return int(START.timestamp()) + (within + weeks * 7 * per_day) * timeframe.seconds


def resampled(candles: Candles, timeframe: Timeframe) -> Candles:
    """The candles of a longer timeframe that are closed when the last of `candles` is."""
    buckets = candles.time // timeframe.seconds
    first = np.flatnonzero(np.diff(buckets, prepend=-1))
    if len(first) == 0:
        return Candles(candles.instrument, timeframe, *(getattr(candles, name) for name in _ARRAYS))
    longer = Candles(
        candles.instrument,
        timeframe,
        buckets[first] * timeframe.seconds,
        candles.open[first],
        np.maximum.reduceat(candles.high, first),
        np.minimum.reduceat(candles.low, first),
        candles.close[np.append(first[1:], len(candles)) - 1],
        np.add.reduceat(candles.volume, first),
    )
    return longer.until(candles.closed_at)


_ARRAYS = ("time", "open", "high", "low", "close", "volume")


def _with_longer(own: Candles, longer: Sequence[Timeframe]) -> dict[Timeframe, Candles]:
    return {own.timeframe: own} | {each: resampled(own, each) for each in longer if each is not own.timeframe}


def _sides(mid: PriceBars, half_spread_bps: float, random: np.random.Generator) -> tuple[PriceBars, PriceBars]:
    half = half_spread_bps * 1e-4 * random.gamma(4, 0.25, len(mid.close))
    return _scaled(mid, 1 - half), _scaled(mid, 1 + half)


def _scaled(bars: PriceBars, factor: FloatArray) -> PriceBars:
    """Bars of one side; where the spread changes between open and close, high and low go along."""
    opens, close = bars.open * factor, bars.close * factor
    high, low = np.maximum(bars.high * factor, close), np.minimum(bars.low * factor, close)
    return PriceBars(opens, np.maximum(high, opens), np.minimum(low, opens), close)


def _side_data(own: Candles, random: np.random.Generator) -> dict[str, Series]:
    """Figures that become known when candles close and in between, the news seldom."""
    count = len(own)
    between = own.close_times - own.timeframe.seconds // 3
    known_at = np.column_stack((between, own.close_times)).ravel()
    imbalance = np.tanh(random.normal(0, 0.6, 2 * count))
    price = np.column_stack((own.open, own.close)).ravel()
    news = np.clip(random.normal(0, 0.5, count), -1, 1)
    return {
        "book_imbalance": Series(known_at, imbalance),
        "micro_price": Series(known_at, price * (1 + 1e-4 * imbalance)),
        "news_pressure": Series(between[::_NEWS_EVERY], news[::_NEWS_EVERY]),
    }
