"""How much of a Sharpe ratio, or of any figure, may be luck: of few returns, of odd ones, and of many trials.

A Sharpe ratio here is of one period, as the returns are: one of a year is divided by the root of the periods of a year
first. Kurtosis is 3 for a normal distribution.

Source: Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier", *Journal of Risk*, 2012 (probabilistic Sharpe
ratio, minimum track record length), and "The Deflated Sharpe Ratio", *Journal of Portfolio Management*, 2014 (expected
maximum, deflation); for the p-value Phipson and Smyth, "Permutation P-values Should Never Be Zero", *Statistical
Applications in Genetics and Molecular Biology*, 2010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, sqrt
from statistics import NormalDist
from typing import Self

import numpy as np

from desk.backtest.ratios import finite, kurtosis, sharpe, skewness
from desk.backtest.rounds import known
from desk.model.candles import FloatArray
from desk.monitor.estimates import CONFIDENCE, Estimate

_NORMAL = NormalDist()
_EULER_MASCHERONI = 0.577_215_664_901_532_9


@dataclass(frozen=True, slots=True)
class SharpeRecord:
    """What the tests need to know of a series of returns.

    Attributes:
        sharpe: of one period.
        returns: how many there are, 2 or more.
        skewness: 0 for a normal distribution.
        kurtosis: 3 for a normal distribution.
    """

    sharpe: float
    returns: int
    skewness: float = 0.0
    kurtosis: float = 3.0

    @classmethod
    def of(cls, returns: FloatArray) -> Self | None:
        """Return the record of returns; None where they have no Sharpe ratio."""
        ratio, skewed, tailed = sharpe(returns), skewness(returns), kurtosis(returns)
        if ratio is None or skewed is None or tailed is None:
            return None
        return cls(ratio, len(returns), skewed, tailed)

    @property
    def variance(self) -> float:
        """Of the Sharpe ratio as an estimate, times the number of returns less one."""
        return 1 - self.skewness * self.sharpe + (self.kurtosis - 1) / 4 * self.sharpe**2

    def interval(self, confidence: float = CONFIDENCE) -> Estimate | None:
        """Return the ratio and where the true one lies as often as the confidence says; None as `probability_above`."""
        if self.variance <= 0:
            return None
        reach = _NORMAL.inv_cdf((1 + confidence) / 2) * sqrt(self.variance / (self.returns - 1))
        return Estimate(self.sharpe, self.sharpe - reach, self.sharpe + reach)

    def probability_above(self, benchmark: float) -> float | None:
        """Return the probability that the true Sharpe ratio is above another, both of one period.

        None where the variance of the estimate is not above 0, as a record with a very large ratio may have it.
        """
        if self.variance <= 0:
            return None
        return _NORMAL.cdf((self.sharpe - benchmark) * sqrt((self.returns - 1) / self.variance))

    def length_needed(self, benchmark: float, confidence: float = CONFIDENCE) -> float | None:
        """Return how many such returns it takes to be sure that the true ratio is above another.

        None where what was seen is not above it: no length would do.
        """
        if self.sharpe <= benchmark or self.variance <= 0:
            return None
        return finite(1 + self.variance * (_NORMAL.inv_cdf(confidence) / (self.sharpe - benchmark)) ** 2)


def probabilistic_sharpe(returns: FloatArray, benchmark: float = 0.0) -> float | None:
    """Return the probability that the true Sharpe ratio of one period is above `benchmark`."""
    record = SharpeRecord.of(returns)
    return None if record is None else record.probability_above(benchmark)


def minimum_track_record(
    returns: FloatArray, benchmark: float = 0.0, *, confidence: float = CONFIDENCE
) -> float | None:
    """Return how many returns it takes to be sure that the true ratio is above `benchmark`, or None."""
    record = SharpeRecord.of(returns)
    return None if record is None else record.length_needed(benchmark, confidence)


def expected_maximum_sharpe(trials: float, variance: float) -> float:
    """Return the Sharpe ratio that the best of several trials without any skill is expected to have.

    Args:
        trials: independent ones, 1 or more; of trials that resemble each other there are fewer, and not always whole.
        variance: of the Sharpe ratios of the trials, each of one period.
    """
    assert trials >= 1, trials
    assert variance >= 0, variance
    if trials == 1:
        return 0.0
    highest = _NORMAL.inv_cdf(1 - 1 / trials)
    beyond = _NORMAL.inv_cdf(1 - 1 / (trials * e))
    # Below two trials the approximation, which is for many, falls under what a single one is expected to have.
    return max(0.0, sqrt(variance) * ((1 - _EULER_MASCHERONI) * highest + _EULER_MASCHERONI * beyond))


def deflated_sharpe(record: SharpeRecord, *, trials: float, variance: float) -> float | None:
    """Return the probability that the best of several trials has a true Sharpe ratio above 0, luck taken off.

    Args:
        record: of the trial that was chosen.
        trials, variance: see `expected_maximum_sharpe`.
    """
    return record.probability_above(expected_maximum_sharpe(trials, variance))


def deflated_sharpe_of(returns: FloatArray, sharpes: Sequence[float]) -> float | None:
    """Return the deflated Sharpe ratio of the trial that was chosen.

    Args:
        returns: of the chosen trial.
        sharpes: of all trials that were made, the chosen one included, of one period; taken as independent.
    """
    record = SharpeRecord.of(returns)
    if record is None or not len(sharpes):
        return None
    variance = float(np.var(sharpes, ddof=1)) if len(sharpes) > 1 else 0.0
    return deflated_sharpe(record, trials=len(sharpes), variance=variance)


def p_value(observed: float, drawn: Sequence[float] | FloatArray) -> float:
    """Return how likely chance alone does as well as was observed, in (0, 1]; what was observed is one of the draws.

    Args:
        observed: a figure of which more is better.
        drawn: the same figure where chance alone decided, such as entries at random with the same exits; one that has
            none, NaN, is left out.
    """
    values = known(np.asarray(drawn, dtype=np.float64))
    return float(((values >= observed).sum() + 1) / (len(values) + 1))
