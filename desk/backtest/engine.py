"""Trades an account's past: the decisions, limits and matching of a live account over recorded candles.

Nothing happens in most cycles, and which those are is known beforehand: no opinion reaches a threshold, and no price
a level. They are passed over in one stroke, with their equity and their reasons. In every other cycle the instruments
in which something may happen are judged; of the others it is known as well why they are not traded.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil, floor

import numpy as np

from desk.backtest.agenda import Agenda
from desk.backtest.curve import DAY, moment
from desk.backtest.equity import EquityPath
from desk.backtest.history import History
from desk.backtest.opinions import Opinions
from desk.backtest.result import BacktestResult
from desk.backtest.scanning import PastDesk, Setting, Step
from desk.backtest.venue import Opening
from desk.decide import Policy
from desk.decide.signals import Evaluated
from desk.errors import DataError
from desk.execution.breaker import BreakerLimits, Limit, PastTrip
from desk.model.candles import FloatArray
from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.model.trade import NoTrade

_NEARLY = 1 - 1e-9
_ALONE = Setting()


class Windows(StrEnum):
    """How many candles strategies see: ALL that came before, at once; or as many as a scan fetches, each time anew."""

    ALL = "all"
    LIVE = "live"


def backtest(
    policy: Policy,
    history: History,
    opening: Opening,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    setting: Setting = _ALONE,
    windows: Windows = Windows.ALL,
    progress: Callable[[float], object] = lambda _done: None,
) -> BacktestResult:
    """Trade the candles that closed after `start` and until `end`; what came before is what strategies know.

    Args:
        policy: how the account decides; of a fixed list of instruments.
        history: candles of those, and of the pairs that convert their currencies.
        opening: what the account begins with.
        start, end: aware; the whole history where they are left out.
        setting: what lies around the account.
        windows: LIVE evaluates each candle as a scan does, two to forty times slower, equal to the last digit.
        progress: told now and then what part is done, from 0 to 1.

    Raises:
        DataError: there is no candle in that time, or a position cannot be valued.
    """
    run = Backtest(policy, history, opening, start=start, end=end, setting=setting, windows=windows)
    run.advance(progress=progress)
    return run.result()


class Backtest:
    """A backtest on its way through its cycles; the arguments are those of `backtest`.

    Raises:
        DataError: there is no candle in that time.
    """

    def __init__(
        self,
        policy: Policy,
        history: History,
        opening: Opening,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        setting: Setting = _ALONE,
        windows: Windows = Windows.ALL,
    ) -> None:
        first, last = history.span
        self._start, self._end = (start or first).astimezone(UTC), (end or last).astimezone(UTC)
        times = history.closes(policy.instruments, policy.timeframe, self._start, self._end)
        if not len(times):
            raise DataError(f"{policy.account}: expected candles between {self._start} and {self._end}, found none")
        opinions = Opinions(policy, history) if windows is Windows.ALL else None
        self._desk = PastDesk(policy, history, opening, opinions or Evaluated(), setting)
        self._agenda = Agenda(policy, history, opinions, times) if opinions else None
        self._path = EquityPath(self._desk.books, times)
        self._opening = opening
        self._times = times
        self._curve: FloatArray = np.empty(len(times))
        self._last_before_midnight = np.searchsorted(times, times // DAY * DAY, side="right") - 1
        self._day_ends: list[int] = np.unique(self._last_before_midnight).tolist()
        self._steps: list[Step] = []
        self._reasons: dict[str, Counter[Reason]] = {name: Counter() for name in policy.instruments}
        self._cycle = 0

    def advance(
        self, until: datetime | None = None, *, progress: Callable[[float], object] = lambda _done: None
    ) -> None:
        """Run the cycles that are left, or those of candles that closed by a time."""
        count = len(self._times)
        last = count if until is None else int(np.searchsorted(self._times, floor(until.timestamp()), side="right"))
        while self._cycle < last:
            self._cycle = self._pass_over(self._cycle, min(last, self._next(self._cycle)))
            if self._cycle < last:
                self._run(self._cycle)
                self._cycle += 1
            progress(self._cycle / count)
        if self._cycle:
            self._desk.sync(moment(int(self._times[self._cycle - 1])))

    def result(self) -> BacktestResult:
        """Return what the cycles that were run came to; at least one."""
        desk, journal = self._desk, self._desk.journal
        return BacktestResult(
            account=desk.policy.account,
            opening=self._opening,
            start=self._start,
            end=self._end,
            times=self._times[: self._cycle],
            equity=self._curve[: self._cycle],
            steps=tuple(self._steps),
            fills=tuple(journal.fills),
            trades=tuple(journal.trades),
            closed=tuple(journal.closed),
            open=dict(desk.books.book.holdings),
            no_trades=self._no_trades(),
            trips=tuple(journal.trips),
            last=journal.marks[-1],
            data=desk.history.identity,
        )

    def _run(self, cycle: int) -> None:
        """Scan a cycle, unless all that happens in it is that a position ends by itself."""
        at = moment(int(self._times[cycle]))
        self._desk.sync(at)
        known = self._known(cycle)
        if len(known) == len(self._desk.policy.instruments):
            self._desk.look(at)
        else:
            self._scan(at, known)
        self._curve[cycle] = float(self._desk.journal.marks[-1].equity)

    def _known(self, cycle: int) -> tuple[NoTrade, ...]:
        """The instruments that lead to nothing in a cycle for sure, counted already."""
        if self._agenda is None or self._needs_scan:
            return ()
        return self._agenda.leave_out(cycle, self._held)

    def _scan(self, at: datetime, known: tuple[NoTrade, ...]) -> None:
        step = self._desk.scan(at, known)
        for no_trade in step.decision.no_trades[len(known) :]:
            self._reasons.setdefault(no_trade.instrument, Counter())[no_trade.reason] += 1
        if step.decision.proposals:
            self._steps.append(step)

    def _next(self, cycle: int) -> int:
        """The first cycle from this one on that has to be scanned."""
        journal = self._desk.journal
        if self._agenda is None or self._needs_scan:
            return cycle
        found = [self._agenda.next(cycle, self._held), self._cycle_at(self._desk.books.next_touch())]
        found += [self._cycle_at(trip.until) for trip in journal.past.values() if trip.reference is None]
        return max(cycle, min((one for one in found if one is not None), default=len(self._times)))

    @property
    def _needs_scan(self) -> bool:
        """Whether every cycle counts: an order waits, or nothing is known of the account yet."""
        return bool(self._desk.books.book.working) or not self._desk.journal.marks

    def _no_trades(self) -> dict[str, Counter[Reason]]:
        """How often each reason kept each instrument from a proposal: where it was asked, and where it was known."""
        found = {name: Counter(counts) for name, counts in self._reasons.items()}
        for name, counts in self._agenda.tally() if self._agenda is not None else ():
            found[name].update(counts)
        return found

    def _cycle_at(self, at: datetime | None) -> int | None:
        """The first cycle at a time or after it."""
        return None if at is None else int(self._times.searchsorted(ceil(at.timestamp())))

    @property
    def _held(self) -> dict[str, Side]:
        return {name: holding.position.side for name, holding in self._desk.books.book.holdings.items()}

    def _pass_over(self, first: int, last: int) -> int:
        """Go to `last`, or to where the breaker has to look before that; note what equity and reasons were."""
        if first == last:
            return first
        assert self._agenda is not None, f"cycle {first} was to be passed over without knowing what would happen"
        held = self._held
        self._curve[first:last] = self._path.between(first, last)
        last = self._watched(first, last) if held else last
        self._agenda.pass_over(first, last, held)
        for cycle in self._to_mark(first, last):
            self._mark(cycle)
        return last

    def _to_mark(self, first: int, last: int) -> list[int]:
        """The cycles whose exact equity is asked for later: the last of each day, and the highest."""
        wanted = set(self._day_ends[bisect_left(self._day_ends, first) : bisect_left(self._day_ends, last)])
        if self._held and last > first:
            highest = first + int(self._curve[first:last].argmax())
            if self._curve[highest] >= self._counts_from * _NEARLY:
                wanted.add(highest)
        return sorted(wanted)

    def _mark(self, cycle: int) -> None:
        at = moment(int(self._times[cycle]))
        self._desk.sync(at)
        self._desk.look(at)

    @property
    def _counts_from(self) -> float:
        """The equity above which a drawdown is measured anew."""
        journal = self._desk.journal
        past = journal.past.get(Limit.DRAWDOWN)
        peak = journal.peak
        reference = past.reference if past else None
        return float(min(one for one in (peak, reference.equity if reference else None) if one is not None))

    def _watched(self, first: int, last: int) -> int:
        """The first cycle whose losses may trip the breaker, or `last`."""
        limits = self._desk.policy.breaker
        if not limits.watches_losses:
            return last
        worth = self._curve[first:last]
        lost = np.zeros(last - first, dtype=bool)
        for limit, before in self._references(first, last, worth, limits):
            lost |= worth <= before * (1 - limit * _NEARLY)
        return first + int(lost.argmax()) if lost.any() else last

    def _references(
        self, first: int, last: int, worth: FloatArray, limits: BreakerLimits
    ) -> list[tuple[float, FloatArray]]:
        """Each limit on losses that is armed, with the equity that it is measured by in each cycle."""
        journal, now = self._desk.journal, moment(int(self._times[first]))
        armed = {limit for limit in (Limit.DAILY_LOSS, Limit.DRAWDOWN) if not _in_force(journal.past.get(limit), now)}
        found = []
        if limits.daily_loss_fraction is not None and Limit.DAILY_LOSS in armed:
            starts = self._curve[np.maximum(self._last_before_midnight[first:last], 0)]
            if (past := journal.past.get(Limit.DAILY_LOSS)) is not None and past.reference is not None:
                starts = np.maximum(starts, float(past.reference.equity))
            found.append((float(limits.daily_loss_fraction), starts))
        if limits.drawdown_fraction is not None and Limit.DRAWDOWN in armed:
            highest = np.maximum.accumulate(np.concatenate(([self._counts_from], worth[:-1])))
            found.append((float(limits.drawdown_fraction), highest))
        return found


def _in_force(trip: PastTrip | None, now: datetime) -> bool:
    return trip is not None and trip.is_in_force(now)
