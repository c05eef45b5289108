"""How much scores, stops and decisions depend on how far back a scan sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from desk.contracts.causality import labelled
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.plugin import Strategy


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A strategy that sees so many candles of each timeframe, beside one that sees all of them.

    Attributes:
        lookback: candles of each timeframe.
        compared: at how many times both were asked; 0 where the lookback is within the warm-up.
        score: the largest difference of scores, which lie in [-1, 1].
        stop, target: the largest difference of distances, as a fraction of the distance with all candles.
        decisions: at how many of the times the score is on another side of a threshold.
    """

    lookback: int
    compared: int
    score: float
    stop: float
    target: float
    decisions: int


def warm_up_table(
    strategy: Strategy, market: Market, lookbacks: Sequence[int], *, threshold: float, times: int = 60
) -> tuple[WarmUp, ...]:
    """Return how a strategy answers with short histories, a row for each lookback.

    Args:
        market: in every timeframe that the strategy reads.
        lookbacks: closed candles of each timeframe, as in the configuration of an account.
        threshold: the score from which there is a decision, above 0.
        times: at how many candles, spread over those that have the longest lookback before them, both are asked.
    """
    whole = labelled(strategy.evaluate(market))
    return tuple(_compared(strategy, market, whole, lookback, threshold, times) for lookback in lookbacks)


def usual_lookbacks(strategy: Strategy, lookback: int) -> tuple[int, ...]:
    """Return one to eight warm-ups of a strategy, and what an account is configured with, in rising order."""
    return tuple(sorted({*(times * (strategy.warm_up + 1) for times in (1, 2, 3, 4, 8)), lookback}))


def _compared(
    strategy: Strategy, market: Market, whole: dict[str, FloatArray], lookback: int, threshold: float, times: int
) -> WarmUp:
    count = len(market.own)
    last = count - 1
    rows = sorted({*np.linspace(min(lookback, last), last, times).astype(int).tolist()}) if count else []
    pairs = [(row, _seen(strategy, market, row, lookback)) for row in rows if lookback > strategy.warm_up]
    known = [(row, then) for row, then in pairs if np.isfinite(then["score"]) and np.isfinite(whole["score"][row])]
    scores = np.array([(then["score"], whole["score"][row]) for row, then in known]).reshape(-1, 2)
    return WarmUp(
        lookback=lookback,
        compared=len(known),
        score=float(np.abs(scores[:, 0] - scores[:, 1]).max(initial=0.0)),
        stop=max((_apart(then["stop"], whole["stop"][row]) for row, then in known), default=0.0),
        target=max((_apart(then["target"], whole["target"][row]) for row, then in known), default=0.0),
        decisions=int((_sides(scores[:, 0], threshold) != _sides(scores[:, 1], threshold)).sum()),
    )


def _seen(strategy: Strategy, market: Market, row: int, lookback: int) -> dict[str, float]:
    """What a scan at the close of an own candle would have been told, with so many candles of each timeframe."""
    at = market.own[: row + 1].closed_at
    known = {each: candles.until(at).tail(lookback) for each, candles in market.by_timeframe.items()}
    answer = labelled(strategy.evaluate(replace(market, by_timeframe=known)))
    return {label: float(answer[label][-1]) for label in ("score", "stop", "target")}


def _apart(one: float, other: float) -> float:
    return abs(one - other) / other if other > 0 else 0.0


def _sides(scores: FloatArray, threshold: float) -> FloatArray:
    return np.sign(scores) * (np.abs(scores) >= threshold)
