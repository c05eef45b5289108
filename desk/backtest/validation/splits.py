"""Cuts a past into windows: one to choose parameters on, and the one after it to trade what was chosen.

What is known when a parameter is chosen must not reach into what is traded with it. A trade that was opened before the
end of a fitting window may end after it, so that its end is purged; the time right after it still resembles it, so that
an embargo may keep both apart.

Source: Pardo, *The Evaluation and Optimization of Trading Strategies*, 2008 (walk-forward); López de Prado, *Advances
in Financial Machine Learning*, 2018, chapters 7 and 12 (purging, embargo, combinatorial cross-validation).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from desk.errors import DataError

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch to fit on and the one that is traded after it; of each, the start is not included and the end is."""

    fit: tuple[datetime, datetime]
    trade: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Splitting:
    """How windows lie.

    Attributes:
        fit: length of what is fitted on; with `anchored`, of the first.
        trade: length of what is traded, and by how much the next window is later.
        purge: how much before its end a fitting window is cut off.
        embargo: how long after that end nothing is traded.
        anchored: whether every fitting window begins with the data; otherwise they move along.
    """

    fit: timedelta
    trade: timedelta
    purge: timedelta = _NONE
    embargo: timedelta = _NONE
    anchored: bool = False

    def __post_init__(self) -> None:
        assert self.fit > self.purge >= _NONE, f"expected a purge below {self.fit}, found {self.purge}"
        assert self.trade > _NONE, f"expected a window to trade, found {self.trade}"
        assert self.embargo >= _NONE, f"expected an embargo of 0 or more, found {self.embargo}"

    def windows(self, start: datetime, end: datetime) -> tuple[Window, ...]:
        """Return the windows of a past, oldest first; the last one may trade for a shorter time, at least half.

        Raises:
            DataError: there is not even one.
        """
        found = tuple(self._windows(start, end))
        if not found:
            needed = self.fit + self.embargo + self.trade
            raise DataError(f"expected {needed.days} days or more for one window, found {(end - start).days}")
        return found

    def _windows(self, start: datetime, end: datetime) -> Iterator[Window]:
        fitted_until = start + self.fit
        while True:
            begins = fitted_until + self.embargo
            ends = min(begins + self.trade, end)
            if ends - begins < self.trade / 2:
                return
            fit_from = start if self.anchored else fitted_until - self.fit
            yield Window((fit_from, fitted_until - self.purge), (begins, ends))
            fitted_until += self.trade


@dataclass(frozen=True, slots=True)
class Fold:
    """Days to choose on and days to test on, as places among all days, in order."""

    train: tuple[int, ...]
    test: tuple[int, ...]


def combinatorial_folds(days: int, *, groups: int, tested: int, purge: int = 0, embargo: int = 0) -> tuple[Fold, ...]:
    """Return every way to test on some of the groups that the days are cut into, and to choose on the others.

    Args:
        groups: how many runs of days of about the same length, 2 or more.
        tested: how many of them are tested on at a time, below `groups`.
        purge: how many days before each tested group are not chosen on.
        embargo: how many days after each are not.
    """
    assert 0 < tested < groups <= days, (days, groups, tested)
    edges = [round(days * place / groups) for place in range(groups + 1)]
    spans = [range(first, last) for first, last in pairwise(edges)]
    return tuple(_fold(days, chosen, purge, embargo) for chosen in combinations(spans, tested))


def _fold(days: int, tested: tuple[range, ...], purge: int, embargo: int) -> Fold:
    test = [day for span in tested for day in span]
    shut = {day for span in tested for day in range(span.start - purge, span.stop + embargo)}
    return Fold(tuple(day for day in range(days) if day not in shut), tuple(test))
