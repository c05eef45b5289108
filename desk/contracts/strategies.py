"""What every strategy must keep: causal in every timeframe, bounded, silent on nothing, forgetful, quick.

Each check raises AssertionError with a sentence that says what is wrong and what to do.
"""

import time
from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from desk.contracts.causality import as_of, differing, labelled
from desk.contracts.markets import flat_market, sample_market
from desk.model.candles import Candles, FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy

SECONDS_FOR_500_CANDLES = 0.02
FORGETS_AFTER_WARM_UPS = 4

_HALF_SPREAD_BPS = 0.4


def check_strategy(strategy: Strategy) -> None:
    """Everything that a strategy must keep."""
    history = history_for(strategy)
    market = market_for(strategy, history, half_spread_bps=_HALF_SPREAD_BPS)
    check_leaves_input_alone(strategy, market)
    check_deterministic(strategy, market)
    check_shape(strategy, market)
    check_uses_the_past_only(strategy, market, _cuts(strategy, history))
    check_short_history(strategy)
    check_without_side_data(strategy, market)
    check_gaps(strategy, market)
    check_forgets(strategy, market)
    check_indifferent_to_noise(strategy, market)
    check_silent_when_nothing_moves(strategy)
    check_speed(strategy)


def market_for(
    strategy: Strategy,
    count: int,
    *,
    seed: int = 1,
    price: float = 1.1,
    volume: float = 100.0,
    wildness: float = 1.0,
    half_spread_bps: float | None = None,
) -> Market:
    """Return a made market in the timeframe that the strategy usually has, with every other one that it reads."""
    return sample_market(
        count,
        seed=seed,
        price=price,
        volume=volume,
        longer=strategy.reads,
        timeframe=strategy.usual_timeframe,
        wildness=wildness,
        half_spread_bps=half_spread_bps,
    )


def history_for(strategy: Strategy) -> int:
    """Return how many own candles it takes until every timeframe has warmed up and something can be forgotten."""
    return max(FORGETS_AFTER_WARM_UPS * strategy.warm_up + 400, _ratio(strategy) * (strategy.warm_up + 20))


def check_deterministic(strategy: Strategy, market: Market) -> None:
    """The same market, asked about twice, has the same answer, also from another instance."""
    first, twin = strategy.evaluate(market), strategy.model_copy(deep=True).evaluate(market)
    for other in (strategy.evaluate(market), twin):
        for (label, values), (_, again) in zip(_series(first), _series(other), strict=True):
            same = np.array_equal(values, again, equal_nan=True)
            assert same, f"{strategy.name}: {label} differs when the same market is judged again"


def check_shape(strategy: Strategy, market: Market) -> None:
    """One element per candle, within range, NaN in the warm-up and nowhere after it."""
    scores, count = strategy.evaluate(market), len(market.own)
    for label, values in _series(scores):
        assert values.dtype == np.float64, f"{strategy.name}: {label} must be float64, found {values.dtype}"
        assert len(values) == count, f"{strategy.name}: {label} must have {count} elements, found {len(values)}"
    warming, after = slice(0, strategy.warm_up - 1), slice(strategy.warm_up - 1, None)
    for label, values in (("score", scores.score), ("stop", scores.stop), ("target", scores.target)):
        assert np.isnan(values[warming]).all(), f"{strategy.name}: {label} must be NaN before candle {strategy.warm_up}"
        assert np.isfinite(values[after]).all(), f"{strategy.name}: {label} must be finite from {strategy.warm_up} on"
    assert (np.abs(scores.score[after]) <= 1).all(), f"{strategy.name}: score must lie in [-1, 1]"
    assert (scores.stop[after] > 0).all(), f"{strategy.name}: stop must be a distance above 0"
    assert (scores.target[after] > 0).all(), f"{strategy.name}: target must be a distance above 0"


def check_uses_the_past_only(strategy: Strategy, market: Market, cuts: Iterable[int]) -> None:
    """Its answer for a candle is the same whether or not later candles exist, in every timeframe and series."""
    whole = labelled(strategy.evaluate(market))
    for count in cuts:
        then = labelled(strategy.evaluate(as_of(market, count)))
        for label, rows in differing(then, whole, count):
            raise AssertionError(
                f"{strategy.name} looks ahead: {label} of candle {rows[0] + 1} changes when more than {count} candles "
                "are known; use that candle and earlier ones only, and Market.align for longer timeframes"
            )


def check_short_history(strategy: Strategy) -> None:
    """Too few candles, even none, give NaN and no error."""
    for count in {0, 1, 2, strategy.warm_up // 2, strategy.warm_up - 1}:
        market = market_for(strategy, count) if count else _without_candles(market_for(strategy, 1))
        scores = strategy.evaluate(market)
        assert len(scores.score) == count, f"{strategy.name}: expected {count} scores, found {len(scores.score)}"
        assert np.isnan(scores.score).all(), f"{strategy.name}: {count} candles are within the warm-up, expected NaN"


def check_without_side_data(strategy: Strategy, market: Market) -> None:
    """A source that knows nothing but candles, or whose series hold NaN, still gets numbers."""
    check_shape(strategy, replace(market, series={}))
    unknown = {name: replace(found, values=np.full(len(found.values), np.nan)) for name, found in market.series.items()}
    check_shape(strategy, replace(market, series=unknown))


def check_gaps(strategy: Strategy, market: Market) -> None:
    """Hours without candles are not made up for: every element is still a number, and depends on the past only."""
    rows = np.arange(len(market.own))
    gapped = replace(market, by_timeframe={**market.by_timeframe, market.timeframe: _only(market.own, rows % 97 < 80)})
    check_shape(strategy, gapped)
    check_uses_the_past_only(strategy, gapped, [len(gapped.own) - 1, len(gapped.own) // 2])


def check_forgets(strategy: Strategy, market: Market) -> None:
    """A live scan with a look-back of four warm-ups answers as all of history does, to 1e-6."""
    whole = dict(_series(strategy.evaluate(market)))
    lookback = FORGETS_AFTER_WARM_UPS * strategy.warm_up
    short = {timeframe: candles.tail(lookback) for timeframe, candles in market.by_timeframe.items()}
    recent = dict(_series(strategy.evaluate(replace(market, by_timeframe=short))))
    for label, values in whole.items():
        known = np.abs(values[np.isfinite(values)])
        np.testing.assert_allclose(
            recent[label][-1],
            values[-1],
            rtol=1e-6,
            atol=1e-6 * known.max(initial=0),
            err_msg=f"{strategy.name}: {label} still depends on history older than {lookback} candles; "
            "raise warm_up until its averages have settled",
        )


def check_indifferent_to_noise(strategy: Strategy, market: Market) -> None:
    """A change of prices by a millionth of a millionth changes next to nothing."""
    noise = 1 + 1e-12 * np.sin(np.arange(len(market.own)))
    scaled = {**market.by_timeframe, market.timeframe: _scaled(market.own, noise)}
    plain = {**market.by_timeframe, market.timeframe: _scaled(market.own, np.ones(len(noise)))}
    before = strategy.evaluate(replace(market, by_timeframe=plain))
    after = strategy.evaluate(replace(market, by_timeframe=scaled))
    np.testing.assert_allclose(
        after.score,
        before.score,
        atol=1e-6,
        err_msg=f"{strategy.name}: the score jumps on a change of 1e-12; build it from ramps instead of thresholds",
    )


def check_silent_when_nothing_moves(strategy: Strategy) -> None:
    """Constant prices, and constant prices with float noise, are no opinion."""
    count = max(2 * strategy.warm_up + 50, _ratio(strategy) * (strategy.warm_up + 20))
    noise = 1e-15 * np.sin(np.arange(count))
    for price, wobble in ((1.0987, noise * 0), (1.0987, noise), (65_000.1, noise)):
        market = flat_market(
            count, price=price, noise=wobble, longer=strategy.reads, timeframe=strategy.usual_timeframe
        )
        score = strategy.evaluate(market).score[strategy.warm_up :]
        found = score[score != 0]
        assert len(found) == 0, f"{strategy.name}: prices do not move, expected the score 0, found {found}"


def check_leaves_input_alone(strategy: Strategy, market: Market) -> None:
    """The candles and series are the same before and after."""
    before = {timeframe: _copies(candles) for timeframe, candles in market.by_timeframe.items()}
    known = {name: found.values.copy() for name, found in market.series.items()}
    strategy.evaluate(market)
    for timeframe, candles in market.by_timeframe.items():
        for label, values in _copies(candles).items():
            changed = not np.array_equal(values, before[timeframe][label])
            assert not changed, f"{strategy.name} changes the {label} of the {timeframe} candles that it was given"
    for name, values in known.items():
        same = np.array_equal(values, market.series[name].values)
        assert same, f"{strategy.name} changes the {name} that it was given"


def check_speed(strategy: Strategy) -> None:
    """500 candles of each timeframe take far less than a person notices; the best of five: the machine is shared."""
    whole = market_for(strategy, 500 * _ratio(strategy))
    market = replace(whole, by_timeframe={key: candles.tail(500) for key, candles in whole.by_timeframe.items()})
    best = min(seconds(strategy, market) for _ in range(5))
    assert best <= SECONDS_FOR_500_CANDLES, f"{strategy.name}: expected {SECONDS_FOR_500_CANDLES} s, found {best:.3f} s"


def seconds(strategy: Strategy, market: Market) -> float:
    """Return how long one evaluation took."""
    start = time.perf_counter()
    strategy.evaluate(market)
    return time.perf_counter() - start


def _ratio(strategy: Strategy) -> int:
    own = strategy.usual_timeframe.seconds
    return max((timeframe.seconds // own for timeframe in strategy.reads), default=1)


def _cuts(strategy: Strategy, count: int) -> list[int]:
    around_warm_up = range(max(1, strategy.warm_up - 1), strategy.warm_up + 13)
    return sorted({*around_warm_up, *range(strategy.warm_up, count, 29), count - 1})


def _series(scores: Scores) -> list[tuple[str, FloatArray]]:
    return list(labelled(scores).items())


def _without_candles(market: Market) -> Market:
    return replace(market, by_timeframe={key: candles[:0] for key, candles in market.by_timeframe.items()})


def _only(candles: Candles, kept: npt.NDArray[np.bool_]) -> Candles:
    prices = (getattr(candles, name)[kept] for name in ("open", "high", "low", "close", "volume"))
    return Candles(candles.instrument, candles.timeframe, candles.time[kept], *prices)


def _scaled(candles: Candles, factor: FloatArray) -> Candles:
    opens, high, low, close = (getattr(candles, name) * factor for name in ("open", "high", "low", "close"))
    return Candles(candles.instrument, candles.timeframe, candles.time, opens, high, low, close, candles.volume)


def _copies(candles: Candles) -> dict[str, FloatArray]:
    values = {field.name: getattr(candles, field.name) for field in fields(candles)}
    return {name: array.copy() for name, array in values.items() if isinstance(array, np.ndarray)}
