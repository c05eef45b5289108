"""Finds strategies that look ahead: what the future changes in their answers about the past, and which column of it.

Two tests. The prefix test leaves the future out; the shuffle test puts other candles in its place, which also finds who
fills the missing future with something harmless. An answer about a candle may change in neither. Where one does, single
columns of the future are changed one at a time, to see which of them the past depends on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from desk.contracts.causality import as_of, differing, labelled
from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.market import Market, Series
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy

COLUMNS = ("open", "high", "low", "close", "volume", "bid", "ask")
"""Of candles, as they are changed one at a time; bid and ask are changed as a whole."""

_FARTHER = 1.1
_CHANGES = (0.2, 0.01, 0.0005)
"""By what fraction a column is changed: far enough for thresholds, and little enough for what is cut off at an end."""

_BLAMED_AT = 4


class Future(StrEnum):
    """What a test does to the future."""

    MISSING = "missing"
    SHUFFLED = "shuffled"


@dataclass(frozen=True, slots=True)
class Source:
    """What of the future changes the past.

    Attributes:
        timeframe: None where it is a series besides candles.
        column: of its candles, see `COLUMNS`; or the name of the series.
    """

    timeframe: Timeframe | None
    column: str

    def __str__(self) -> str:
        return f"{self.column} of {self.timeframe}" if self.timeframe else self.column


@dataclass(frozen=True, slots=True)
class Peek:
    """One array of a strategy's answers that changes with the future.

    Attributes:
        label: score, stop, target, or the name of a feature.
        future: of the test that found it first.
        row: the first own candle, counted from 0, whose answer changes in any test.
        close: when that candle closed.
        known_until: when the candle closed after which the future was another one, in the test that found that row.
        rows: how many answers change, over all tests.
        sources: which columns of the future it depends on, found by changing one at a time; empty where no single one
            changes it, as where only the number of candles counts.
    """

    strategy: str
    instrument: str
    label: str
    future: Future
    row: int
    close: datetime
    known_until: datetime
    rows: int
    sources: tuple[Source, ...]


def find_peeks(strategy: Strategy, market: Market, *, seed: int, cuts: int = 40) -> tuple[Peek, ...]:
    """Return every array of a strategy's answers that depends on the future; none where it is causal.

    Args:
        market: in every timeframe that the strategy reads; longer ones are tested at times inside their candles.
        seed: of the other candles.
        cuts: how many times are taken for the present, spread over the market, besides those inside longer candles.
    """
    probe = _Probe(strategy, market, np.random.default_rng(seed))
    found: dict[str, _Found] = {}
    for count in cut_points(market, cuts, warm_up=strategy.warm_up):
        for future in Future:
            for label, rows in probe.changed(future, count):
                found.setdefault(label, _Found(future)).add(rows, count)
    return tuple(_peek(probe, label, one) for label, one in found.items())


def cut_points(market: Market, cuts: int, *, warm_up: int = 1) -> list[int]:
    """Return how many own candles are known at each time that is taken for the present, in rising order.

    Some are spread evenly over what comes after the warm-up; for each longer timeframe there are three in the middle
    of one of its candles and three an own candle before the end of one, where an unfinished candle would give most.
    """
    count = len(market.own)
    first = min(max(warm_up, 1), count)
    spread = np.linspace(first, count - 1, cuts).astype(int).tolist() if count > first else []
    inside = [place for each in market.by_timeframe if each is not market.timeframe for place in _inside(market, each)]
    return sorted({place for place in (*spread, *inside) if first <= place < count})


class _Probe:
    """A strategy, and its answers about one market with this or another future."""

    def __init__(self, strategy: Strategy, market: Market, random: np.random.Generator) -> None:
        self.strategy = strategy
        self.market = market
        self._random = random
        self._whole = labelled(strategy.evaluate(market))

    def changed(self, future: Future, count: int) -> Iterator[tuple[str, IntArray]]:
        """Yield what changes of the first `count` answers, with the rows, when the rest of the market is another."""
        if future is Future.MISSING:
            return self._compared(as_of(self.market, count), count)
        return self._compared(_with_future(self.market, count, self._shuffled), count)

    def depends_on(self, source: Source, label: str, counts: Iterable[int]) -> bool:
        """Return whether a change of one column, in the future alone, changes some answer before it."""
        return any(
            label in dict(self._compared(self._with_other(source, count, change), count))
            for count in counts
            for change in _CHANGES
        )

    @property
    def sources(self) -> Iterator[Source]:
        """Every column of every timeframe, and every series."""
        for timeframe, candles in self.market.by_timeframe.items():
            for column in COLUMNS:
                if getattr(candles, column) is not None:
                    yield Source(timeframe, column)
        for name in self.market.series:
            yield Source(None, name)

    def _compared(self, market: Market, count: int) -> Iterator[tuple[str, IntArray]]:
        with np.errstate(all="ignore"):  # one column alone makes candles that cannot be; only dependence is looked for
            return differing(labelled(self.strategy.evaluate(market)), self._whole, count)

    def _with_other(self, source: Source, count: int, fraction: float) -> Market:
        def change(candles: Candles) -> Candles:
            is_meant = candles.timeframe is source.timeframe
            return _with_column(candles, source.column, self._factors(len(candles), fraction)) if is_meant else candles

        return _with_future(self.market, count, change, series=source.column if source.timeframe is None else None)

    def _factors(self, count: int, fraction: float) -> FloatArray:
        moves: FloatArray = self._random.uniform(0.5, 1, count) * self._random.choice([-1.0, 1.0], count)
        return 1 + fraction * moves

    def _shuffled(self, candles: Candles) -> Candles:
        """Other candles at the same times: those that there are in another order, higher and with more volume."""
        order = self._random.permutation(len(candles))
        bid, ask = (None if side is None else _scaled(_picked(side, order)) for side in (candles.bid, candles.ask))
        mid = _scaled(_picked(candles, order))
        return replace(
            candles,
            open=mid.open,
            high=mid.high,
            low=mid.low,
            close=mid.close,
            volume=candles.volume[order] * _FARTHER + 1,
            bid=bid,
            ask=ask,
        )


class _Found:
    """What tests have found of one array."""

    def __init__(self, future: Future) -> None:
        self.future = future
        self.counts: list[int] = []
        self.rows: set[int] = set()
        self.first: tuple[int, int] | None = None

    def add(self, rows: IntArray, count: int) -> None:
        self.counts.append(count)
        self.rows.update(rows.tolist())
        self.first = min(filter(None, (self.first, (int(rows[0]), count))))


def _peek(probe: _Probe, label: str, found: _Found) -> Peek:
    assert found.first is not None
    (row, count), own = found.first, probe.market.own
    counts = _some(found.counts)
    return Peek(
        strategy=probe.strategy.name,
        instrument=own.instrument,
        label=label,
        future=found.future,
        row=row,
        close=_time(own.close_times[row]),
        known_until=_time(own.close_times[count - 1]),
        rows=len(found.rows),
        sources=tuple(source for source in probe.sources if probe.depends_on(source, label, counts)),
    )


def _some(counts: Sequence[int]) -> list[int]:
    """A few of the places where something was found, from everywhere."""
    places = np.linspace(0, len(counts) - 1, _BLAMED_AT).astype(int)
    return [counts[place] for place in dict.fromkeys(places.tolist())]


def _inside(market: Market, longer: Timeframe) -> list[int]:
    """Counts of own candles that end inside candles of a longer timeframe: half way, and one before the end."""
    ends = market.candles(longer).close_times
    if len(ends) == 0:
        return []
    chosen = ends[np.linspace(len(ends) // 2, len(ends) - 1, 3).astype(int)]
    before = np.concatenate((chosen - longer.seconds // 2, chosen - market.timeframe.seconds))
    return [int(place) for place in np.searchsorted(market.own.close_times, before, side="right")]


def _with_future(
    market: Market, count: int, change: Callable[[Candles], Candles], *, series: str | None = None
) -> Market:
    """The market with other candles where they were not closed with own candle `count`; `series` changed from there."""
    now = int(market.own.close_times[count - 1])
    changed = {each: _changed_after(candles, now, change) for each, candles in market.by_timeframe.items()}
    others = {
        name: _moved_after(found, now + market.delay) if name == series else found
        for name, found in market.series.items()
    }
    return replace(market, by_timeframe=changed, series=others)


def _changed_after(candles: Candles, now: int, change: Callable[[Candles], Candles]) -> Candles:
    known = int(np.searchsorted(candles.close_times, now, side="right"))
    return candles if known == len(candles) else joined(candles[:known], change(candles[known:]))


def joined(first: Candles, second: Candles) -> Candles:
    """Return the candles of both, one after the other, without validating them again."""
    both = second[:]
    for name in ("time", "open", "high", "low", "close", "volume"):
        object.__setattr__(both, name, np.concatenate((getattr(first, name), getattr(second, name))))
    for name in ("bid", "ask"):
        object.__setattr__(both, name, _joined_bars(getattr(first, name), getattr(second, name)))
    return both


def _joined_bars(first: PriceBars | None, second: PriceBars | None) -> PriceBars | None:
    if first is None or second is None:
        return None
    pairs = zip(_prices(first), _prices(second), strict=True)
    return PriceBars(*(np.concatenate(pair) for pair in pairs))


def _moved_after(series: Series, now: int) -> Series:
    known = int(np.searchsorted(series.known_at, now, side="right"))
    moved = series.values.copy()
    moved[known:] = -moved[known:] * _FARTHER + 0.1
    return Series(series.known_at, moved)


def _with_column(candles: Candles, column: str, factors: FloatArray) -> Candles:
    found = getattr(candles, column)
    changed = PriceBars(*(one * factors for one in _prices(found))) if column in ("bid", "ask") else found * factors
    other = candles[:]
    object.__setattr__(other, column, changed)
    return other


def _prices(bars: Candles | PriceBars) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    return bars.open, bars.high, bars.low, bars.close


def _picked(bars: Candles | PriceBars, order: IntArray) -> PriceBars:
    return PriceBars(*(values[order] for values in _prices(bars)))


def _scaled(bars: PriceBars) -> PriceBars:
    return PriceBars(*(values * _FARTHER for values in _prices(bars)))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), tz=UTC)
