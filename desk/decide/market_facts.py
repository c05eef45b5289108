"""What candles say besides signals: how instruments move together, what they turn over, what they usually cost."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from math import sqrt
from typing import TypeVar

import numpy as np

from desk.model.books import Snapshot
from desk.model.candles import Candles, FloatArray
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.market import Market
from desk.model.surroundings import Surroundings

FEWEST_RETURNS = 30
"""Below this many returns neither a correlation nor a volatility is known."""
FEWEST_SPREADS = 10
"""Below this many candles of an hour it is not known what is usual at it."""
SHRINKAGE = 30
"""How many returns without any correlation are thought to be there besides those that were seen."""
T = TypeVar("T")
_HOUR, _DAY = 3_600, 86_400
_EVERY_DAY = 365
_TRADED_DAYS = {InstrumentKind.FX: 260, InstrumentKind.METAL: 260}
"""How many days of a year have a session, where not all have."""
_NOTHING = 1e-20
"""A variance of log returns below which a price did not move but for rounding."""
_COUNTED_IN_TICKS = frozenset({InstrumentKind.FX, InstrumentKind.METAL})


class Facts(Mapping[str, T]):
    """What is known of several instruments, found when it is first asked for.

    Args:
        find: returns what is known by name; asked once.
    """

    __slots__ = ("_find", "_known")

    def __init__(self, find: Callable[[], Mapping[str, T]]) -> None:
        self._find = find
        self._known: Mapping[str, T] | None = None

    def __getitem__(self, name: str) -> T:
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> Mapping[str, T]:
        if self._known is None:
            self._known = self._find()
        return self._known


class EachFact(Mapping[str, T]):
    """What is known of each of several instruments, found when that one is first asked for.

    Args:
        names: returns those that something may be known of; asked where all of them are wanted.
        find: returns what is known of one by name, None for nothing; asked once each.
    """

    __slots__ = ("_find", "_known", "_names")

    def __init__(self, names: Callable[[], Iterable[str]], find: Callable[[str], T | None]) -> None:
        self._names = names
        self._find = find
        self._known: dict[str, T | None] = {}

    def __getitem__(self, name: str) -> T:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._names() if self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, name: str, default: T | None = None) -> T | None:  # type: ignore[override]
        """Return what is known of one, or else the default."""
        if name not in self._known:
            self._known[name] = self._find(name)
        found = self._known[name]
        return default if found is None else found


def with_market_facts(snapshot: Snapshot, markets: Mapping[str, Market]) -> Snapshot:
    """Return the snapshot with what closed candles say of the instruments in `surroundings`; the rest stays.

    Args:
        snapshot: says of each instrument what kind it is.
        markets: closed candles by instrument; one without candles stays unknown.
    """
    around = market_facts(snapshot.surroundings, snapshot.instruments, markets)
    around = replace(
        around,
        correlations=dict(around.correlations),
        turnover=dict(around.turnover),
        usual_spread=dict(around.usual_spread),
        volatility=dict(around.volatility),
        last_closes=dict(around.last_closes),
    )
    return replace(snapshot, surroundings=around)


def market_facts(
    around: Surroundings, instruments: Mapping[str, Instrument], markets: Mapping[str, Market]
) -> Surroundings:
    """Return surroundings with the same, each fact found when a rule first asks for it."""
    known = EachFact(lambda: markets, lambda name: _known(markets, name))

    def each(find: Callable[[Market], T | None]) -> EachFact[T]:
        return EachFact(lambda: markets, lambda name: None if (market := known.get(name)) is None else find(market))

    return replace(
        around,
        correlations=correlations(each(lambda market: market.own)),
        turnover=each(lambda market: _turnover(instruments, market)),
        usual_spread=each(lambda market: usual_spread(market.own)),
        volatility=each(lambda market: _volatility(instruments, market.own)),
        last_closes=each(lambda market: _exact(market.own.close[-1])),
    )


def correlations(candles: Mapping[str, Candles]) -> EachFact[float]:
    """Return the correlation of every two instruments, named as in `Surroundings.correlations`."""

    def find(pair: str) -> float | None:
        one, other = (candles.get(name) for name in pair.split(" "))
        return None if one is None or other is None else correlation(one, other)

    return EachFact(lambda: (" ".join(pair) for pair in combinations(sorted(candles), 2)), find)


def correlation(one: Candles, other: Candles) -> float | None:
    """Return the correlation of the log returns of two instruments, or None where it is not known.

    Pearson's, over the returns that both have between the same two times, times n / (n + k) of n such returns: a
    constant shrinkage towards no correlation at all, in the spirit of Ledoit and Wolf (2004), "Honey, I Shrunk the
    Sample Covariance Matrix", whose weight of the target falls with the length of the sample too. Two instruments with
    too few common returns, or one that did not move, have none.
    """
    first, second = _common_returns(one, other)
    count = len(first)
    if count < FEWEST_RETURNS:
        return None
    mean, other_mean = float(first.sum()) / count, float(second.sum()) / count
    variance, other_variance = float(first @ first) / count - mean**2, float(second @ second) / count - other_mean**2
    if not (variance > _NOTHING and other_variance > _NOTHING):
        return None
    found = (float(first @ second) / count - mean * other_mean) / sqrt(variance * other_variance)
    return max(-1.0, min(1.0, found)) * count / (count + SHRINKAGE)


def _known(markets: Mapping[str, Market], name: str) -> Market | None:
    """The market that has candles."""
    market = markets.get(name)
    return market if market is not None and len(market.own) else None


def turnover(candles: Candles) -> Decimal | None:
    """Return what was traded in the 24 hours before the newest candle closed, in quote currency.

    Each candle's volume counts at its close. None where the candles do not reach back as far.

    Args:
        candles: at least one; with volumes in base units.
    """
    since = int(candles.close_times[-1]) - _DAY
    if candles.time[0] > since:
        return None
    recent = candles.time >= since
    return _exact(np.dot(candles.volume[recent], candles.close[recent]))


def usual_spread(candles: Candles) -> float | None:
    """Return how far bid and ask usually are apart at the hour of day (UTC) at which the newest candle closed.

    The mean, as a fraction of the price between them, over the candles that closed in the same hour of all days. None
    where there are fewer than `FEWEST_SPREADS`, or no bid and ask.

    Args:
        candles: at least one.
    """
    if candles.bid is None or candles.ask is None:
        return None
    hours = candles.close_times % _DAY // _HOUR
    same = hours == hours[-1]
    if np.count_nonzero(same) < FEWEST_SPREADS:
        return None
    bid, ask = candles.bid.close[same], candles.ask.close[same]
    return float(np.mean((ask - bid) / ((ask + bid) / 2)))


def volatility(candles: Candles, *, days_of_year: int) -> float | None:
    """Return the standard deviation of the log returns of a year, as a fraction, by how the closes of candles moved.

    The realised one: the root of the squared returns of the time looked at, scaled to a year; the mean return is taken
    as nothing, since it is by far smaller. None where there are fewer than `FEWEST_RETURNS`, or nothing moved.

    Args:
        candles: at least one.
        days_of_year: how many days a year has on which the market is open; in one that closes, only candles are time.
    """
    if len(candles) <= FEWEST_RETURNS:
        return None
    squares = float(np.sum(_log_returns(candles.close) ** 2))
    seconds = candles.timeframe.seconds * (len(candles) - 1)
    if days_of_year == _EVERY_DAY:
        seconds = int(candles.time[-1] - candles.time[0])
    return float(np.sqrt(squares / seconds * days_of_year * _DAY)) or None


def _volatility(instruments: Mapping[str, Instrument], candles: Candles) -> float | None:
    instrument = instruments.get(candles.instrument)
    if instrument is None:
        return None
    return volatility(candles, days_of_year=_TRADED_DAYS.get(instrument.kind, _EVERY_DAY))


def _turnover(instruments: Mapping[str, Instrument], market: Market) -> Decimal | None:
    """By the shortest candles that reach back a day; volumes that count ticks say nothing of what was traded."""
    instrument = instruments.get(market.instrument)
    if instrument is None or instrument.kind in _COUNTED_IN_TICKS:
        return None
    by_length = sorted(market.by_timeframe.items(), key=lambda item: item[0].seconds)
    found = (turnover(candles) for timeframe, candles in by_length if len(candles) and timeframe.seconds <= _DAY)
    return next((amount for amount in found if amount is not None), None)


def _common_returns(one: Candles, other: Candles) -> tuple[FloatArray, FloatArray]:
    """Log returns of both over the steps from one time of either to the next of which both have both ends."""
    if np.array_equal(one.time, other.time):
        return _log_returns(one.close), _log_returns(other.close)
    times = np.union1d(one.time, other.time)
    prices = np.full((2, len(times)), np.nan)
    for row, candles in enumerate((one, other)):
        prices[row, np.searchsorted(times, candles.time)] = candles.close
    returns = np.diff(np.log(prices), axis=1)
    first, second = returns[:, np.isfinite(returns).all(axis=0)]
    return first, second


def _log_returns(closes: FloatArray) -> FloatArray:
    logs = np.log(closes)
    return logs[1:] - logs[:-1]


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))
