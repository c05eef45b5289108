"""How likely a choice among parameters is nothing but luck: combinatorial purged cross-validation of their days.

Every point is traded once over the whole past; then its days are cut into groups, and for each way to take some of them
for the test, the point that was best on the others is looked up on these. The probability of overfitting is the share
of ways in which that point is below the middle of all where it was not chosen.

Source: Bailey, Borwein, López de Prado and Zhu, "The Probability of Backtest Overfitting", *Journal of Computational
Finance*, 2017; López de Prado, *Advances in Financial Machine Learning*, 2018, chapter 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desk.backtest.validation.splits import Fold
from desk.model.candles import FloatArray


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What the cross-validation of a choice came to; Sharpe ratios of a day.

    Attributes:
        folds: how many ways there were to choose and to test.
        probability: that what is chosen does no better than the middle, in [0, 1].
        chosen, tested: the mean Sharpe ratio of what was chosen, where it was chosen and where it was tested.
        loss: the share of ways in which what was chosen lost where it was tested.
    """

    folds: int
    probability: float
    chosen: float
    tested: float
    loss: float


def overfitting(returns: FloatArray, folds: Sequence[Fold]) -> Overfitting | None:
    """Return how much of a choice among points is luck; None below two points, or without a fold.

    Args:
        returns: of days, a row for each point, as fractions.
        folds: see `desk.backtest.validation.splits.combinatorial_folds`.
    """
    if len(returns) < 2 or not folds:
        return None
    before = np.array([_sharpes(returns[:, list(fold.train)]) for fold in folds])
    after = np.array([_sharpes(returns[:, list(fold.test)]) for fold in folds])
    rows, best = np.arange(len(folds)), before.argmax(axis=1)
    found = after[rows, best]
    ranks = (after < found[:, None]).sum(axis=1) + ((after == found[:, None]).sum(axis=1) + 1) / 2
    losses = [returns[place, list(fold.test)].sum() < 0 for place, fold in zip(best, folds, strict=True)]
    return Overfitting(
        folds=len(folds),
        probability=float(np.mean(ranks / (len(returns) + 1) <= 0.5)),
        chosen=float(before[rows, best].mean()),
        tested=float(found.mean()),
        loss=float(np.mean(losses)),
    )


def _sharpes(returns: FloatArray) -> FloatArray:
    """Of each row; 0 where nothing varies, as of a point that never trades."""
    deviation = returns.std(axis=1)
    result = np.zeros(len(returns))
    np.divide(returns.mean(axis=1), deviation, out=result, where=deviation > 0)
    return result
