"""One instrument's day of the synthetic market: minute candles with bid, ask and volume, made from its factors."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from desk.adapters.feeds.catalogue import Listing
from desk.adapters.feeds.factors import (
    DAY_SECONDS,
    FACTORS,
    MINUTES,
    FactorDay,
    FactorPaths,
    Profile,
    activity_profile,
    generator,
)
from desk.model.assembling import from_bars, no_candles
from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.instrument import InstrumentKind
from desk.model.sessions import open_mask
from desk.model.timeframe import Timeframe

_NEAR_A_PAUSE = int(timedelta(minutes=20) / timedelta(minutes=1))
_SPREAD_NEAR_A_PAUSE = 3.0


def minute_candles(paths: FactorPaths, seed: int, listing: Listing, day: int) -> Candles:
    """Return the M1 candles of one day, counted since 1970: none while the market is closed.

    A minute opens where the one before closed. Its high and low are drawn from the law of a Brownian bridge's extremes:
    with open a, close b and standard deviation s the high is (a + b + sqrt((b - a)² - 2 s² ln u)) / 2, u uniform.
    """
    instrument = listing.instrument
    times = np.arange(MINUTES, dtype=np.int64) * 60 + day * DAY_SECONDS
    trading = open_mask(instrument.kind, times)
    if not trading.any():
        return no_candles(instrument.name, Timeframe.M1)
    path, deviation = _combine(paths, listing, day)
    random = generator(seed, "candles", instrument.name, day)
    logs = _log_candles(path, deviation, random.random((2, MINUTES)))
    per_unit = int(1 / instrument.tick)
    ticks = np.rint(listing.base_price * per_unit * np.exp(logs[:, trading])).astype(np.int64)
    half = _half_spread(listing, ticks[0], deviation, trading)
    volume = _volume(listing, np.abs(np.diff(path)) / deviation, random.standard_normal(MINUTES))
    return from_bars(
        instrument.name,
        Timeframe.M1,
        times[trading],
        PriceBars(*(ticks / per_unit)),
        volume[trading],
        bid=PriceBars(*((ticks - half) / per_unit)),
        ask=PriceBars(*((ticks + half) / per_unit)),
    )


def _combine(paths: FactorPaths, listing: Listing, day: int) -> tuple[FloatArray, FloatArray]:
    path, variance = np.zeros(MINUTES + 1), np.zeros(MINUTES)
    for name, loading in listing.loadings.items():
        part: FactorDay = paths.day(FACTORS[name], day)
        path += loading * part.path
        variance += np.square(loading * part.deviation)
    return path, np.sqrt(variance)


def _log_candles(path: FloatArray, deviation: FloatArray, uniform: FloatArray) -> FloatArray:
    opens, closes = path[:-1], path[1:]
    reach = np.sqrt(np.square(closes - opens) - 2 * np.square(deviation) * np.log1p(-uniform))
    return np.stack((opens, (opens + closes + reach[0]) / 2, (opens + closes - reach[1]) / 2, closes))


def _half_spread(
    listing: Listing, price: IntArray, deviation: FloatArray, trading: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """In ticks, at least 1: wider in quiet hours, in high volatility and around a pause."""
    usual = activity_profile(_profile(listing))
    quiet = np.clip(1 / usual, 1, 1.6)
    # Without regimes the deviation follows the profile, whose mean square is 1.
    stressed = np.clip(np.sqrt(deviation / usual / _calm_deviation(listing)), 1, 2.5)
    pause = np.where(_near(~trading), _SPREAD_NEAR_A_PAUSE, 1.0)
    spread = listing.half_spread_bps / 10_000 * price * (quiet * stressed * pause)[trading]
    return np.asarray(np.maximum(np.rint(spread), 1), dtype=np.int64)


def _calm_deviation(listing: Listing) -> float:
    parts = (loading * FACTORS[name].daily_volatility for name, loading in listing.loadings.items())
    return float(np.sqrt(sum(part**2 for part in parts) / MINUTES))


def _near(closed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    window = np.ones(2 * _NEAR_A_PAUSE + 1)
    return np.convolve(closed, window, mode="same") > 0


def _volume(listing: Listing, surprise: FloatArray, normal: FloatArray) -> FloatArray:
    profile = activity_profile(_profile(listing))
    raw = listing.daily_volume / MINUTES * profile * (0.5 + 0.6 * surprise) * np.exp(0.5 * normal - 0.125)
    if _counts_ticks(listing):
        return np.rint(raw) + 1
    return np.maximum(np.round(raw, 5), 0.00001)


def _profile(listing: Listing) -> Profile:
    return Profile.SESSIONS if _counts_ticks(listing) else Profile.AROUND_THE_CLOCK


def _counts_ticks(listing: Listing) -> bool:
    return listing.instrument.kind in (InstrumentKind.FX, InstrumentKind.METAL)
