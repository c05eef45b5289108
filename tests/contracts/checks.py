"""What every plug-in must keep, as functions: they run over all that is discovered, and over yours in your own tests.

Each raises AssertionError with a sentence that says what is wrong and what to do.
"""

import time
from collections.abc import Iterable
from dataclasses import fields, replace
from decimal import Decimal

import numpy as np
import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from desk.model.books import Snapshot
from desk.model.candles import Candles, FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.trade import Proposal
from desk.plugin import Plugin, RiskRule, Sizing, Strategy
from tests.builders import INSTRUMENTS
from tests.contracts.samples import bounds, flat_market, sample_market

SECONDS_FOR_500_CANDLES = 0.02
FORGETS_AFTER_WARM_UPS = 4


def check_plugin(plugin: type[Plugin], name: str) -> None:
    """Name, documentation, parameters and schema."""
    assert plugin.name == name, f"{plugin.__name__}: expected the name of its file, {name}, found {plugin.name!r}"
    expected = "".join(part.capitalize() for part in name.split("_"))
    assert plugin.__name__ == expected, f"{name}.py: expected a class {expected}, found {plugin.__name__}"
    own_documentation = vars(plugin).get("__doc__") or ""
    assert len(own_documentation.split()) >= 12, f"{name}: the class needs a docstring that says what it does and why"
    assert plugin.summary().endswith("."), f"{name}: the first line of the docstring must be one whole sentence"
    for parameter, field in plugin.model_fields.items():
        _check_parameter(f"{name}.{parameter}", field)
    assert set(plugin.model_json_schema()["properties"]) == set(plugin.model_fields)
    _check_frozen(plugin())


def check_strategy(strategy: Strategy) -> None:
    """Everything that a strategy must keep."""
    history = FORGETS_AFTER_WARM_UPS * strategy.warm_up + 400
    market = sample_market(history, longer=strategy.timeframes)
    check_leaves_input_alone(strategy, market)
    check_shape(strategy, market)
    check_uses_the_past_only(strategy, market, _cuts(strategy, history))
    check_short_history(strategy)
    check_forgets(strategy, market)
    check_indifferent_to_noise(strategy, market)
    check_silent_when_nothing_moves(strategy)
    check_speed(strategy)


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
    """Its answer for a candle is the same whether or not later candles exist, in every timeframe."""
    whole = dict(_series(strategy.evaluate(market)))
    for count in cuts:
        then = dict(_series(strategy.evaluate(_as_of(market, count))))
        for label, values in whole.items():
            np.testing.assert_allclose(
                then[label][-1],
                values[count - 1],
                rtol=1e-9,
                atol=1e-12,
                err_msg=f"{strategy.name} looks ahead: {label} of candle {count} changes when later candles are known; "
                "use that candle and earlier ones only, and Market.align for longer timeframes",
            )


def check_short_history(strategy: Strategy) -> None:
    """Too few candles, even none, give NaN and no error."""
    for count in {0, 1, 2, strategy.warm_up // 2, strategy.warm_up - 1}:
        scores = strategy.evaluate(
            sample_market(count, longer=strategy.timeframes) if count else _empty_market(strategy)
        )
        assert len(scores.score) == count, f"{strategy.name}: expected {count} scores, found {len(scores.score)}"
        assert np.isnan(scores.score).all(), f"{strategy.name}: {count} candles are within the warm-up, expected NaN"


def check_forgets(strategy: Strategy, market: Market) -> None:
    """A live scan with a look-back of four warm-ups answers as all of history does, to 1e-6."""
    whole = dict(_series(strategy.evaluate(market)))
    lookback = FORGETS_AFTER_WARM_UPS * strategy.warm_up
    tail = Market(market.timeframe, {key: candles.tail(lookback) for key, candles in market.by_timeframe.items()})
    recent = dict(_series(strategy.evaluate(tail)))
    for label, values in whole.items():
        np.testing.assert_allclose(
            recent[label][-1],
            values[-1],
            rtol=1e-6,
            atol=1e-6 * np.nanmax(np.abs(values)),
            err_msg=f"{strategy.name}: {label} still depends on history older than {lookback} candles; "
            "raise warm_up until its averages have settled",
        )


def check_indifferent_to_noise(strategy: Strategy, market: Market) -> None:
    """A change of prices by a millionth of a millionth changes next to nothing."""
    noise = 1 + 1e-12 * np.sin(np.arange(len(market.own)))
    noisy = Market(market.timeframe, {market.timeframe: _scaled(market.own, noise), **_longer(market)})
    before, after = strategy.evaluate(market), strategy.evaluate(noisy)
    np.testing.assert_allclose(
        after.score,
        before.score,
        atol=1e-6,
        err_msg=f"{strategy.name}: the score jumps on a change of 1e-12; build it from ramps instead of thresholds",
    )


def check_silent_when_nothing_moves(strategy: Strategy) -> None:
    """Constant prices, and constant prices with float noise, are no opinion."""
    count = 2 * strategy.warm_up + 50
    noise = 1e-15 * np.sin(np.arange(count))
    for price, wobble in ((1.0987, noise * 0), (1.0987, noise), (65_000.1, noise)):
        market = flat_market(count, price=price, noise=wobble, longer=strategy.timeframes)
        score = strategy.evaluate(market).score[strategy.warm_up :]
        found = score[score != 0]
        assert len(found) == 0, f"{strategy.name}: prices do not move, expected the score 0, found {found}"


def check_leaves_input_alone(strategy: Strategy, market: Market) -> None:
    """The candles are the same before and after."""
    before = {timeframe: _copies(candles) for timeframe, candles in market.by_timeframe.items()}
    strategy.evaluate(market)
    for timeframe, candles in market.by_timeframe.items():
        for label, values in _copies(candles).items():
            changed = not np.array_equal(values, before[timeframe][label])
            assert not changed, f"{strategy.name} changes the {label} of the {timeframe} candles that it was given"


def check_speed(strategy: Strategy) -> None:
    """500 candles take far less than a person notices; the best of five, because the machine is shared."""
    market = sample_market(500, longer=strategy.timeframes)
    best = min(_seconds(strategy, market) for _ in range(5))
    assert best <= SECONDS_FOR_500_CANDLES, f"{strategy.name}: expected {SECONDS_FOR_500_CANDLES} s, found {best:.3f} s"


def check_rule(rule: RiskRule, proposal: Proposal, snapshot: Snapshot) -> None:
    """A rule only shrinks, says why, and lets a smaller proposal have what a larger one would have been left."""
    finding = rule.review(proposal, snapshot)
    allowed = finding.allowed_quantity
    assert finding.rule == rule.name, f"expected a finding in the name of {rule.name}, found {finding.rule!r}"
    assert 0 <= allowed <= proposal.quantity, f"{rule.name}: allowed {allowed} of {proposal.quantity}"
    explained = (allowed < proposal.quantity) == (finding.reason is not None)
    assert explained, f"{rule.name}: allowed {allowed} of {proposal.quantity} with the reason {finding.reason}"
    assert finding.unit, f"{rule.name}: a finding needs the unit of its limit"
    assert finding.limit.is_finite(), f"{rule.name}: limit {finding.limit} is not a number"
    assert finding.observed.is_finite(), f"{rule.name}: observed {finding.observed} is not a number"
    assert rule.review(proposal, snapshot) == finding, f"{rule.name}: the same question got another answer"
    for quantity in {proposal.quantity / 2, allowed} - {Decimal(0)}:
        smaller = rule.review(replace(proposal, quantity=quantity), snapshot).allowed_quantity
        least = min(quantity, allowed)
        assert smaller >= least, (
            f"{rule.name}: of {quantity} only {smaller} is allowed, of {proposal.quantity} {allowed}"
        )


def check_sizing(
    sizing: Sizing, instrument: str, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, more: Decimal
) -> None:
    """A size is a finite number, 0 or more; more equity never makes it smaller, a wider stop never larger."""
    specification = INSTRUMENTS[instrument]
    size = sizing.size(specification, price, stop_distance, snapshot)
    assert size.is_finite(), f"{sizing.name}: {size} is not a number"
    assert size >= 0, f"{sizing.name}: {size} is below 0"
    richer = replace(snapshot, money=replace(snapshot.money, equity=snapshot.money.equity + more))
    larger = sizing.size(specification, price, stop_distance, richer)
    assert larger >= size, f"{sizing.name}: {more} more equity makes {larger} of {size}"
    wider = sizing.size(specification, price, stop_distance * 2, snapshot)
    assert wider <= size, f"{sizing.name}: a stop twice as far makes {wider} of {size}"


def _check_parameter(parameter: str, field: FieldInfo) -> None:
    assert field.description, f"{parameter}: a parameter needs a description"
    assert field.description.endswith("."), f"{parameter}: the description must be a sentence"
    assert not field.is_required(), f"{parameter}: a parameter needs a default"
    limits = bounds(field)
    assert None not in limits, f"{parameter}: a parameter needs a lowest and a highest value, found {limits}"


def _check_frozen(instance: Plugin) -> None:
    for parameter in type(instance).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(instance, parameter, getattr(instance, parameter))


def _cuts(strategy: Strategy, count: int) -> list[int]:
    around_warm_up = range(max(1, strategy.warm_up - 1), strategy.warm_up + 13)
    return sorted({*around_warm_up, *range(strategy.warm_up, count, 29), count - 1})


def _as_of(market: Market, count: int) -> Market:
    own = market.own[:count]
    return Market(market.timeframe, {key: candles.until(own.closed_at) for key, candles in market.by_timeframe.items()})


def _series(scores: Scores) -> list[tuple[str, FloatArray]]:
    return [("score", scores.score), ("stop", scores.stop), ("target", scores.target), *scores.features.items()]


def _longer(market: Market) -> dict[object, Candles]:
    return {key: candles for key, candles in market.by_timeframe.items() if key != market.timeframe}


def _empty_market(strategy: Strategy) -> Market:
    market = sample_market(1, longer=strategy.timeframes)
    return Market(market.timeframe, {key: candles[:0] for key, candles in market.by_timeframe.items()})


def _scaled(candles: Candles, factor: FloatArray) -> Candles:
    prices = (getattr(candles, name) * factor for name in ("open", "high", "low", "close"))
    return Candles(candles.instrument, candles.timeframe, candles.time, *prices, candles.volume)


def _copies(candles: Candles) -> dict[str, FloatArray]:
    values = {field.name: getattr(candles, field.name) for field in fields(candles)}
    return {name: array.copy() for name, array in values.items() if isinstance(array, np.ndarray)}


def _seconds(strategy: Strategy, market: Market) -> float:
    start = time.perf_counter()
    strategy.evaluate(market)
    return time.perf_counter() - start
