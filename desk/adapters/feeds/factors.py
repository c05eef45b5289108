"""What moves the synthetic market: hidden factors whose log prices are a function of seed and absolute time.

A factor has a skeleton of four-hour levels, drawn in chunks of 180 days from the epoch on: shocks whose size follows
the session, whose pattern follows a regime of hours to days (trend up, trend down, range, high volatility), and a pull
towards zero, so that prices stay sane for decades (an Ornstein-Uhlenbeck process in discrete time). Between two levels
runs a Brownian bridge of minutes. Every chunk and every day has its own counter-based generator, so the answer does not
depend on what was asked before.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from desk.adapters.feeds.bounded import BoundedCache
from desk.model.candles import FloatArray
from desk.model.instrument import InstrumentKind
from desk.model.sessions import weekly_mask

DAY_SECONDS = 86_400
MINUTES = 1_440
EPOCH_DAY = (date(2020, 1, 1) - date(1970, 1, 1)).days
"""The first day of the synthetic market, counted in days since 1970; there are no earlier candles."""

_BLOCKS_PER_DAY = 6
_BLOCK_MINUTES = MINUTES // _BLOCKS_PER_DAY
_CHUNK_DAYS = 180
_CHUNK_BLOCKS = _CHUNK_DAYS * _BLOCKS_PER_DAY

# One column per regime: trend up, trend down, range, high volatility.
_SHARE = np.array([0.3, 0.3, 0.28, 0.12])
_DRIFT = np.array([0.6, -0.6, 0.0, 0.0])
_NOISE = np.array([0.75, 0.75, 0.7, 1.5])
_REVERSAL = np.array([0.0, 0.0, 0.6, 0.0])
_MEAN_BLOCKS_IN_REGIME = 8
# Brings the standard deviation of a day's return to the factor's `daily_volatility` with the regimes above.
_SCALE = 0.81
# A closed market still moves a little: the gap at the next open.
_CLOSED_ACTIVITY = 0.2


class Profile(StrEnum):
    """How activity spreads over the day in UTC."""

    SESSIONS = "sessions"
    AROUND_THE_CLOCK = "around_the_clock"


@dataclass(frozen=True, slots=True)
class Factor:
    """One hidden source of returns.

    Attributes:
        daily_volatility: standard deviation of a day's log return.
        half_life_days: the time in which the pull halves the distance from the base level.
    """

    name: str
    daily_volatility: float
    half_life_days: float
    profile: Profile


@dataclass(frozen=True, slots=True, eq=False)
class FactorDay:
    """One factor's day.

    Attributes:
        path: 1441 log prices: at the open of each minute, and at the end of the day.
        deviation: 1440 standard deviations of the minutes' log returns.
    """

    path: FloatArray
    deviation: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Skeleton:
    """One chunk: a level at each end of its blocks, and how active each block is (1 is usual)."""

    levels: FloatArray
    activity: FloatArray


FACTORS = {
    factor.name: factor
    for factor in (
        Factor("DOLLAR", 0.0035, 120, Profile.SESSIONS),
        Factor("EUROPE", 0.0028, 120, Profile.SESSIONS),
        Factor("EURO", 0.0020, 90, Profile.SESSIONS),
        Factor("STERLING", 0.0032, 90, Profile.SESSIONS),
        Factor("YEN", 0.0045, 120, Profile.SESSIONS),
        Factor("AUSTRALIA", 0.0050, 90, Profile.SESSIONS),
        Factor("CANADA", 0.0028, 90, Profile.SESSIONS),
        Factor("GOLD", 0.0085, 120, Profile.SESSIONS),
        Factor("CRYPTO", 0.0230, 90, Profile.AROUND_THE_CLOCK),
        Factor("BITCOIN", 0.0130, 60, Profile.AROUND_THE_CLOCK),
        Factor("ETHER", 0.0190, 60, Profile.AROUND_THE_CLOCK),
        Factor("SOLANA", 0.0280, 60, Profile.AROUND_THE_CLOCK),
        Factor("TETHER", 0.0002, 1, Profile.AROUND_THE_CLOCK),
        Factor("BITCOIN_BASIS", 0.0002, 1, Profile.AROUND_THE_CLOCK),
        Factor("ETHER_BASIS", 0.0003, 1, Profile.AROUND_THE_CLOCK),
    )
}


class FactorPaths:
    """The paths of all factors under one seed; safe between threads.

    Args:
        seed: the same seed gives the same market.
        days_kept: how many factor days to remember; each takes 23 kB.
    """

    def __init__(self, seed: int, days_kept: int = 512) -> None:
        self._seed = seed
        self._days: BoundedCache[tuple[str, int], FactorDay] = BoundedCache(days_kept, lambda _: 1)
        self._skeletons: dict[str, list[_Skeleton]] = {}
        self._lock = Lock()

    def day(self, factor: Factor, day: int) -> FactorDay:
        """Return one day, counted since 1970 and not before `EPOCH_DAY`."""
        found = self._days.get((factor.name, day))
        if found is None:
            found = self._bridge(factor, day)
            self._days.put((factor.name, day), found)
        return found

    def _bridge(self, factor: Factor, day: int) -> FactorDay:
        levels, activity = self._day_skeleton(factor, day)
        normal, wild = generator(self._seed, "minutes", factor.name, day).standard_normal((2, MINUTES))
        calm = _SCALE * factor.daily_volatility / np.sqrt(MINUTES) * np.repeat(activity, _BLOCK_MINUTES)
        # The mean square of exp(0.3 z - 0.09) is 1: fat tails without more variance.
        deviation = calm * activity_profile(factor.profile) * np.exp(0.3 * wild - 0.09)
        walk = np.cumsum((deviation * normal).reshape(_BLOCKS_PER_DAY, -1), axis=1)
        passed = np.cumsum(np.square(deviation).reshape(_BLOCKS_PER_DAY, -1), axis=1)
        passed /= passed[:, -1:]
        path = np.empty(MINUTES + 1)
        path[1:] = (levels[:-1, None] + walk + passed * (np.diff(levels)[:, None] - walk[:, -1:])).ravel()
        path[::_BLOCK_MINUTES] = levels
        return FactorDay(path, deviation)

    def _day_skeleton(self, factor: Factor, day: int) -> tuple[FloatArray, FloatArray]:
        chunk, row = divmod(day - EPOCH_DAY, _CHUNK_DAYS)
        with self._lock:
            known = self._skeletons.setdefault(factor.name, [])
            while len(known) <= chunk:
                start = float(known[-1].levels[-1]) if known else 0.0
                known.append(self._draw_skeleton(factor, len(known), start))
        first = row * _BLOCKS_PER_DAY
        last = first + _BLOCKS_PER_DAY
        return known[chunk].levels[first : last + 1], known[chunk].activity[first:last]

    def _draw_skeleton(self, factor: Factor, chunk: int, start: float) -> _Skeleton:
        random = generator(self._seed, "levels", factor.name, chunk)
        regime = _regimes(random)
        normal = random.standard_normal(_CHUNK_BLOCKS)
        before = np.concatenate(([0.0], normal[:-1]))
        pattern = _DRIFT[regime] + _NOISE[regime] * (normal - _REVERSAL[regime] * before)
        pause = _pauses(factor.profile, chunk)
        share = np.sqrt(np.square(activity_profile(factor.profile)).reshape(_BLOCKS_PER_DAY, -1).sum(axis=1) / MINUTES)
        shocks = _SCALE * factor.daily_volatility * np.tile(share, _CHUNK_DAYS) * pause * pattern
        return _Skeleton(_pull(shocks, start, factor.half_life_days), _NOISE[regime] * pause)


@cache
def activity_profile(profile: Profile) -> FloatArray:
    """Return the usual size of returns for each minute of the day in UTC, relative, with a mean square of 1."""
    hour = np.arange(MINUTES) / 60
    if profile is Profile.SESSIONS:
        shape = 0.45 + 0.15 * _bump(hour, 1.5, 2) + 0.7 * _bump(hour, 8, 1.8) + 0.95 * _bump(hour, 14, 2.2)
    else:
        shape = 0.85 + 0.15 * _bump(hour, 8, 3) + 0.4 * _bump(hour, 15, 3)
    return np.asarray(shape / np.sqrt(np.mean(np.square(shape))))


def generator(seed: int, purpose: str, name: str, index: int) -> np.random.Generator:
    """Return the generator of one piece of the market; the same four values give the same numbers in every process."""
    label = f"{seed}/{purpose}/{name}/{index}".encode()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(hashlib.sha256(label).digest()[:16], "big")))


def _regimes(random: np.random.Generator) -> npt.NDArray[np.int64]:
    changes = random.random(_CHUNK_BLOCKS) < 1 / _MEAN_BLOCKS_IN_REGIME
    changes[0] = True
    drawn = np.searchsorted(np.cumsum(_SHARE)[:-1], random.random(_CHUNK_BLOCKS), side="right")
    since = np.maximum.accumulate(np.where(changes, np.arange(_CHUNK_BLOCKS), 0))
    return np.asarray(drawn[since], dtype=np.int64)


def _pauses(profile: Profile, chunk: int) -> FloatArray:
    if profile is Profile.AROUND_THE_CLOCK:
        return np.ones(_CHUNK_BLOCKS)
    seconds = _BLOCK_MINUTES * 60
    start = (EPOCH_DAY + chunk * _CHUNK_DAYS) * DAY_SECONDS
    middles = start + np.arange(_CHUNK_BLOCKS, dtype=np.int64) * seconds + seconds // 2
    # New York is at its daily break in the middle of the last block, so that this is asked an hour later.
    # Holidays close the market and leave the paths alone, so that a seed keeps its history.
    return np.where(weekly_mask(InstrumentKind.FX, middles + 3_600), 1.0, _CLOSED_ACTIVITY)


def _pull(shocks: FloatArray, start: float, half_life_days: float) -> FloatArray:
    """Solve x[n+1] = k x[n] + shock[n] for the whole chunk; k is the share of the distance that a block leaves."""
    decay = 0.5 ** (1 / (half_life_days * _BLOCKS_PER_DAY))
    powers = decay ** np.arange(len(shocks) + 1)
    return np.asarray(powers * (start + np.concatenate(([0.0], np.cumsum(shocks / powers[1:])))))


def _bump(hour: FloatArray, centre: float, width: float) -> FloatArray:
    away = np.abs(hour - centre)
    return np.asarray(np.exp(-0.5 * np.square(np.minimum(away, 24 - away) / width)))
