"""What strategies think of every candle of the past, asked once each, and what each market was like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from desk.backtest.history import History
from desk.decide import Policy
from desk.decide.signals import Opinion, failed, opinion_at, warming_up
from desk.model.candles import Candles, FloatArray
from desk.model.market import Market
from desk.model.regimes import NOTHING_KNOWN, Conditions
from desk.model.scores import Scores
from desk.model.trade import NoTrade
from desk.plugin import Strategy
from desk.regimes.detecting import Regimes, detect_regimes


@dataclass(frozen=True, slots=True)
class _Judged:
    """All opinions of one instrument, by name of the strategy; an exception where it failed."""

    own: Candles
    scores: Mapping[str, Scores | Exception]
    regimes: Regimes | None


class Opinions:
    """`Views` of a past whose candles are all known: each strategy is evaluated once over all of them.

    Strategies are causal, so that what one says of a candle is what it would have said then; what indicators remember
    of candles older than a scan's `lookback` is the only difference (see LIMITATIONS.md).
    """

    def __init__(self, policy: Policy, history: History) -> None:
        self._by_instrument = {name: _judge(policy, history, name) for name in policy.instruments}

    def opinion(self, strategy: Strategy, market: Market, candle_close: datetime) -> Opinion | NoTrade:
        """Return what a strategy thinks of the newest candle of a market, or why it thinks nothing."""
        name, found = market.instrument, len(market.own)
        if found <= strategy.warm_up:
            return warming_up(strategy, name, found)
        judged = self._by_instrument[name]
        scores = judged.scores[strategy.name]
        if isinstance(scores, Exception):
            return failed(strategy, name, scores)
        return opinion_at(strategy, scores, _row(judged.own, market), name, candle_close)

    def conditions(self, policy: Policy, market: Market) -> Conditions:
        """Return what the newest candle of a market was met in; funding is not recorded."""
        judged = self._by_instrument[market.instrument]
        if judged.regimes is None:
            return NOTHING_KNOWN
        row = _row(judged.own, market)
        return Conditions(judged.regimes.at(row), judged.regimes.features_at(row))

    def loudness(self, instrument: str, strategies: Sequence[Strategy]) -> tuple[FloatArray, FloatArray]:
        """Return the highest and the lowest score of any of the strategies at each own candle, 0 where none speaks.

        A weighted mean of scores lies between them: where neither reaches a threshold, no vote does.
        """
        judged = self._by_instrument[instrument]
        highest, lowest = np.zeros(len(judged.own)), np.zeros(len(judged.own))
        for strategy in strategies:
            scores = judged.scores[strategy.name]
            if isinstance(scores, Scores):
                known = np.nan_to_num(scores.score, nan=0.0)
                highest, lowest = np.maximum(highest, known), np.minimum(lowest, known)
        return highest, lowest

    def invalid(self, instrument: str) -> npt.NDArray[np.bool_]:
        """Return for each own candle whether one of the strategies says what cannot be used, or nothing at all."""
        judged = self._by_instrument[instrument]
        found = np.zeros(len(judged.own), dtype=bool)
        for scores in judged.scores.values():
            found |= True if isinstance(scores, Exception) else ~_is_valid(scores)
        return found


def _is_valid(scores: Scores) -> npt.NDArray[np.bool_]:
    distances = [(one > 0) & (one < np.inf) for one in (scores.stop, scores.target)]
    return np.asarray((scores.score >= -1) & (scores.score <= 1) & distances[0] & distances[1])


def _judge(policy: Policy, history: History, name: str) -> _Judged:
    market = history.market(name, policy.timeframes)
    found = {weighted.strategy.name: _evaluate(weighted.strategy, market) for weighted in policy.strategies}
    regimes = None if policy.regimes is None else detect_regimes(market.own, policy.regimes)
    return _Judged(market.own, found, regimes)


def _evaluate(strategy: Strategy, market: Market) -> Scores | Exception:
    try:
        return strategy.evaluate(market)
    except Exception as error:  # noqa: BLE001 - a plug-in; its failure costs its instrument, and is told as the reason
        return error


def _row(own: Candles, market: Market) -> int:
    """The row in all own candles of the newest one of a part of them."""
    return int(np.searchsorted(own.time, market.own.time[-1]))
