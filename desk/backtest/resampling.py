"""Other pasts that might have been as likely: trades in another order, returns drawn in blocks; same seed, same pasts.

Shuffled trades keep their sum and say how deep the drawdown might have been. Returns drawn with replacement vary in
their sum too; blocks keep what days in a row have to do with each other.

Source: Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993; for blocks around the end Politis and Romano,
"A Circular Block-Resampling Procedure for Stationary Data", in *Exploring the Limits of Bootstrap*, 1992.
"""

from collections.abc import Iterator

import numpy as np

from desk.backtest.rounds import known
from desk.model.candles import FloatArray
from desk.monitor.estimates import CONFIDENCE, Estimate


def shuffle_trades(profits: FloatArray, *, draws: int, seed: int) -> Iterator[FloatArray]:
    """Give the same profits in another order, as often as `draws`; each order is as likely as any other."""
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        yield generator.permutation(profits)


def bootstrap_returns(returns: FloatArray, *, draws: int, seed: int, block: int = 1) -> Iterator[FloatArray]:
    """Give as many returns as there are, drawn with replacement in runs of `block`, as often as `draws`.

    A run that comes to the end goes on at the beginning, so that each return is as likely as any other. Without
    returns it gives empty arrays.

    Args:
        block: 1 draws each return alone; a longer one is about as long as returns depend on each other.
    """
    assert block >= 1, block
    generator, count = np.random.default_rng(seed), len(returns)
    runs, steps = -(-count // block), np.arange(block)
    for _ in range(draws):
        starts = generator.integers(0, max(count, 1), size=runs)
        places = (starts[:, None] + steps).ravel()[:count]
        yield returns[places % max(count, 1)]


def interval_of(observed: float, drawn: FloatArray, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """Return what was observed with the interval between the quantiles of what was drawn; None without a draw.

    What was drawn and has no figure, NaN, is left out.
    """
    values = known(drawn)
    if len(values) == 0:
        return None
    low, high = np.quantile(values, ((1 - confidence) / 2, (1 + confidence) / 2))
    return Estimate(observed, float(low), float(high))
