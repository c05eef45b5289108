"""Each trigger fires where its figure says so, in the direction that it says, and uses the past only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.markets import sample_market
from desk.model.candles import Candles
from desk.universe.triggers import NewExtreme, PriceMove, Rule, Trigger, VolumeSurge

MOVE = PriceMove(kind="price_move", candles=3, fraction=0.02)
SURGE = VolumeSurge(kind="volume_surge", multiple=3, candles=10)
EXTREME = NewExtreme(kind="new_extreme", candles=10, margin_atr=0.5)
QUIET = ripple(60)
EVERY = pytest.mark.parametrize("trigger", [MOVE, SURGE, EXTREME], ids=lambda one: one.kind)


def points(trigger: Trigger, candles: Candles) -> list[float]:
    return list(trigger.points(candles, np.full(len(candles), 2.0)))


def rule(*when: Trigger, **changes: object) -> Rule:
    return TypeAdapter(Rule).validate_python({"when": [one.model_dump() for one in when], **changes})


def last_score(one: Rule, candles: Candles) -> float:
    return float(one.score(candles, np.full(len(candles), 2.0))[-1])


RISEN = market_of(np.append(QUIET, QUIET[-3] * 1.0201)).own
FALLEN = market_of(np.append(QUIET, QUIET[-3] * 0.9799)).own


def test_a_move_that_reaches_the_fraction_fires_with_its_sign_and_only_then():
    assert points(MOVE, RISEN)[-1] == 1
    assert points(MOVE, FALLEN)[-1] == -1
    assert points(MOVE, market_of(np.append(QUIET, QUIET[-3] * 1.0199)).own)[-1] == 0
    assert not any(points(MOVE, RISEN)[:-1])


def test_a_move_may_be_measured_in_true_ranges():
    moved = market_of(np.append(QUIET, QUIET[-3] + 6.1)).own
    assert points(PriceMove(kind="price_move", candles=3, atr=3.0), moved)[-1] == 1
    assert points(PriceMove(kind="price_move", candles=3, atr=3.1), moved)[-1] == 0


def test_a_move_is_measured_in_one_way():
    for measures in ({}, {"fraction": 0.1, "atr": 2.0}):
        with pytest.raises(ValidationError, match="either fraction or atr"):
            PriceMove(kind="price_move", **measures)


@pytest.mark.parametrize(("volume", "fires"), [(300.0, 1), (299.0, 0)])
def test_a_surge_is_a_multiple_of_the_volume_before_and_points_where_the_candle_went(volume, fires):
    volumes = np.append(np.full(60, 100.0), volume)
    up, down = (market_of(np.append(QUIET, QUIET[-1] + step), volume=volumes).own for step in (1, -1))
    assert (points(SURGE, up)[-1], points(SURGE, down)[-1]) == (fires, -fires)


def test_a_source_without_volumes_has_no_surges():
    assert not any(points(SURGE, market_of(np.append(QUIET, QUIET[-1] + 1), volume=np.zeros(61)).own))


def test_a_close_beyond_the_extremes_before_fires_and_a_wick_does_not():
    beyond = market_of(QUIET).own.high[-10:].max() + 1.01  # half a true range of 2, and a little
    assert points(EXTREME, market_of(np.append(QUIET, beyond)).own)[-1] == 1
    assert points(EXTREME, market_of(np.append(QUIET, beyond - 0.02)).own)[-1] == 0
    assert points(EXTREME, mirrored(market_of(np.append(QUIET, beyond))).own)[-1] == -1
    assert points(EXTREME, market_of(np.append(QUIET, QUIET[-1]), reach=5.0).own)[-1] == 0


@EVERY
def test_a_trigger_never_fires_while_it_warms_up_nor_in_a_market_that_stands_still(trigger):
    still = market_of(np.full(80, 100.0), reach=0.0).own
    assert not any(points(trigger, still))
    assert not any(points(trigger, RISEN)[: trigger.warm_up - 1])
    for count in (0, 1, 2):
        assert points(trigger, RISEN[:count]) == [0] * count


@EVERY
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), cut=st.integers(1, 200))
def test_a_trigger_uses_the_past_only(trigger, seed, cut):
    candles = sample_market(200, seed=seed, wildness=8.0).own
    unit = candles.close * 0.001
    assert list(trigger.points(candles[:cut], unit[:cut])) == list(trigger.points(candles, unit)[:cut])


def test_all_triggers_of_a_rule_must_point_the_same_way():
    surging = np.append(np.full(60, 100.0), 500.0)
    both = rule(MOVE, SURGE, conviction=0.7)
    assert last_score(both, market_of(np.append(QUIET, QUIET[-3] * 1.03), volume=surging).own) == 0.7
    assert last_score(both, RISEN) == 0
    # Over three candles it rose, in the last one it fell, with much volume.
    turned = np.append(QUIET[:-1], [QUIET[-3] * 1.05, QUIET[-3] * 1.04])
    assert last_score(both, market_of(turned, volume=surging).own) == 0


@pytest.mark.parametrize(
    ("side", "risen", "fallen"), [("with", 1, -1), ("against", -1, 1), ("long", 1, 1), ("short", -1, -1)]
)
def test_the_side_follows_the_triggers_or_stays_the_same(side, risen, fallen):
    one = rule(MOVE, side=side, conviction=0.5)
    assert (last_score(one, RISEN), last_score(one, FALLEN)) == (risen * 0.5, fallen * 0.5)


@pytest.mark.parametrize(("direction", "risen", "fallen"), [("up", 1, 0), ("down", 0, -1), ("either", 1, -1)])
def test_a_rule_may_ask_for_one_direction(direction, risen, fallen):
    one = rule(MOVE, direction=direction, conviction=1)
    assert (last_score(one, RISEN), last_score(one, FALLEN)) == (risen, fallen)
    assert not np.signbit(one.score(RISEN[:20], np.full(20, 2.0))).any()


def test_a_rule_says_what_makes_it_speak():
    said = str(rule(MOVE, SURGE, EXTREME))
    assert said == (
        "a move of 0.02 of the price in 3 candles and 3 times the usual volume of 10 candles and "
        "a close beyond those of 10 candles by 0.5 ATR"
    )
