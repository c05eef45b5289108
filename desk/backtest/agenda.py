"""Which cycles of the past may lead to an order, and why the others do not: known before the first one is run."""

import sys
from collections import Counter
from collections.abc import Container, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from desk.backtest.history import History
from desk.backtest.opinions import Opinions
from desk.decide import Policy
from desk.matching.quoting import tradable_mask
from desk.model.candles import IntArray
from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.model.trade import NoTrade
from desk.plugin import BookStrategy, Strategy

_Cycles = npt.NDArray[np.int64]
_Codes = npt.NDArray[np.uint8]
_REASONS = tuple(Reason)
_LEAST = np.nextafter(0, 1)
_NEVER = sys.maxsize
_KNOWN = "its candles alone say so"


class Agenda:
    """The cycles in which something may happen, by what is held; it remembers which of the others were passed over.

    A vote lies between the highest and the lowest score, so that a cycle in which no score reaches a threshold needs
    no vote, and an instrument whose scores reach none needs none in any cycle. What is left out here is left out for
    sure; what is in it may come to nothing.

    Args:
        policy: how the account decides.
        history: what the market did.
        opinions: of its strategies.
        times: closes of all cycles, in seconds.
    """

    def __init__(self, policy: Policy, history: History, opinions: Opinions, times: IntArray) -> None:
        self._views = {name: _View(policy, history, opinions, name, times) for name in policy.instruments}
        self._book = _Ahead(self._book_cycles(policy, opinions, times))
        self._passed = np.zeros((len(self._views), len(times)), dtype=bool)
        self._was_held = np.zeros_like(self._passed)

    def next(self, cycle: int, held: Mapping[str, Side]) -> int | None:
        """Return the first cycle from `cycle` on that may lead to an order; None where there is none."""
        found = min((view.first(cycle, held.get(name)) for name, view in self._views.items()), default=_NEVER)
        found = min(found, self._book.first(cycle)) if held else found
        return None if found == _NEVER else found

    def leave_out(self, cycle: int, held: Mapping[str, Side]) -> tuple[NoTrade, ...]:
        """Note and return which instruments lead to nothing in a cycle, and why.

        That is none of them where a strategy that acts on the book speaks: it may be about any.
        """
        if held and self._book.first(cycle) == cycle:
            return ()
        found = []
        for place, (name, view) in enumerate(self._views.items()):
            if view.first(cycle, side := held.get(name)) != cycle:
                self._passed[place, cycle], self._was_held[place, cycle] = True, side is not None
                found.append(view.no_trade(cycle, side))
        return tuple(found)

    def pass_over(self, first: int, last: int, held: Container[str]) -> None:
        """Note that the cycles from `first` to before `last` lead to nothing, with what was held in all of them."""
        self._passed[:, first:last] = True
        for place, name in enumerate(self._views):
            if name in held:
                self._was_held[place, first:last] = True

    def tally(self) -> Iterator[tuple[str, Counter[Reason]]]:
        """Yield why each instrument was not traded where it was passed over, or left out of what was scanned."""
        for (name, view), passed, was_held in zip(self._views.items(), self._passed, self._was_held, strict=True):
            codes = np.where(was_held, view.held_codes, view.codes)[passed]
            counts = np.bincount(codes, minlength=len(_REASONS))
            yield name, Counter({_REASONS[code]: int(counts[code]) for code in np.flatnonzero(counts)})

    def _book_cycles(self, policy: Policy, opinions: Opinions, times: IntArray) -> _Cycles:
        """The cycles in which a strategy that acts on the book says anything of any instrument."""
        acting = [one.strategy for one in policy.strategies if isinstance(one.strategy, BookStrategy)]
        found = np.zeros(len(times), dtype=bool)
        for name, view in self._views.items() if acting else ():
            highest, lowest = opinions.loudness(name, acting)
            found |= view.spread((highest > 0) | (lowest < 0))
        return np.flatnonzero(found)


class _Ahead:
    """Some cycles, in their order, for whoever asks from the first on."""

    def __init__(self, cycles: _Cycles) -> None:
        self._cycles = cycles
        self._asked, self._found = _NEVER, _NEVER

    def first(self, cycle: int) -> int:
        """Return the first of them from `cycle` on, or `_NEVER`."""
        if not self._asked <= cycle <= self._found:
            row = int(self._cycles.searchsorted(cycle))
            self._asked, self._found = cycle, int(self._cycles[row]) if row < len(self._cycles) else _NEVER
        return self._found


class _View:
    """One instrument over all cycles.

    Attributes:
        codes, held_codes: why it is not traded in each cycle, as places in `Reason`; while flat, and while it is held.
    """

    def __init__(self, policy: Policy, history: History, opinions: Opinions, name: str, times: IntArray) -> None:
        own = history.candles(name, policy.timeframe)
        rows = np.searchsorted(own.close_times, times)
        self._rows = np.where(rows < len(own), rows, 0)
        self._is_there = (rows < len(own)) & (own.close_times[self._rows] == times)
        voting = _voting(policy)
        highest, lowest = opinions.loudness(name, voting)
        can_short, alone = history.instruments[name].can_short, len(voting) == 1 and not policy.votes.regimes
        loud = np.maximum(highest, -lowest if can_short or not alone else 0)
        threshold = _LEAST if policy.votes.regimes else policy.entry_score
        least = max(policy.exit_score, _LEAST)
        self._ahead = {
            None: _Ahead(np.flatnonzero(self.spread(loud >= threshold))),
            Side.BUY: _Ahead(np.flatnonzero(self.spread(-lowest >= least))),
            Side.SELL: _Ahead(np.flatnonzero(self.spread(highest >= least))),
        }
        self.codes, self.held_codes = self._codes(policy, history, opinions, name, times)
        self._no_trades = [NoTrade(name, reason, _KNOWN) for reason in _REASONS]

    def first(self, cycle: int, held: Side | None) -> int:
        """Return the first cycle from `cycle` on in which a position may be opened, or the one held may be closed."""
        return self._ahead[held].first(cycle)

    def no_trade(self, cycle: int, held: Side | None) -> NoTrade:
        """Return why it is not traded in a cycle that leads to nothing."""
        return self._no_trades[int((self.codes if held is None else self.held_codes)[cycle])]

    def spread(self, of_own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return what holds of own candles for the cycles that act on them; False where there was no candle."""
        if not len(of_own):
            return np.zeros(len(self._is_there), dtype=bool)
        return np.asarray(self._is_there & of_own[self._rows])

    def _codes(
        self, policy: Policy, history: History, opinions: Opinions, name: str, times: IntArray
    ) -> tuple[_Codes, _Codes]:
        """The first reason that applies, in the order in which a scan asks; later lines go before earlier ones."""
        highest, lowest = opinions.loudness(name, _voting(policy))
        codes = np.full(len(times), _code(Reason.NO_SIGNAL), dtype=np.uint8)
        codes[self.spread((highest > 0) | (lowest < 0))] = _code(Reason.BELOW_THRESHOLD)
        if not history.instruments[name].can_short:
            codes[self.spread(-lowest >= policy.entry_score)] = _code(Reason.SHORT_NOT_AVAILABLE)
        held = np.full(len(times), _code(Reason.POSITION_HELD), dtype=np.uint8)
        for which, reason in self._data_reasons(policy, history, opinions, name, times):
            codes[which] = held[which] = _code(reason)
        return codes, held

    def _data_reasons(
        self, policy: Policy, history: History, opinions: Opinions, name: str, times: IntArray
    ) -> Iterator[tuple[npt.NDArray[np.bool_], Reason]]:
        own, base = history.candles(name, policy.timeframe), history.base[name]
        tradable = tradable_mask(history.instruments[name], base, times, quiet_for=history.quiet_for)
        yield ~tradable, Reason.MARKET_CLOSED
        yield np.searchsorted(base.time, times, side="right") == 0, Reason.NO_DATA
        yield self.spread(opinions.invalid(name)), Reason.STRATEGY_FAILED
        seen = np.minimum(np.arange(1, len(own) + 1), policy.lookback)
        least = max((one.strategy.warm_up + 1 for one in policy.strategies), default=0)
        if policy.regimes is not None and policy.votes.regimes:
            least = max(least, policy.regimes.warm_up)
        yield self.spread(seen < least), Reason.WARMING_UP
        yield ~self._is_there, Reason.STALE_DATA
        yield ~self._is_there & ~tradable, Reason.MARKET_CLOSED
        yield times < (own.close_times[0] if len(own) else np.inf), Reason.NO_DATA


def _voting(policy: Policy) -> list[Strategy]:
    return [one.strategy for one in policy.strategies if not isinstance(one.strategy, BookStrategy)]


def _code(reason: Reason) -> int:
    return _REASONS.index(reason)
