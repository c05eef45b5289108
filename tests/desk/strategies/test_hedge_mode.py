from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.markets import sample_market
from desk.model.books import Position
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.trade import Intention
from desk.model.views import Signal
from desk.strategies.hedge_mode import HedgeMode
from tests.builders import CLOSE, snapshot

FALLEN = np.append(ripple(150, size=1.0), 999.0 - 0.8 * np.arange(1, 20))
GRID = (Decimal("0.1"), Decimal("0.001"), Decimal("0.001"))
SPOT = Instrument("BTC/USDT", InstrumentKind.SPOT, *GRID)
PERPETUAL = Instrument("BTC/USDT:USDT", InstrumentKind.PERPETUAL, *GRID)
KNOWN = {one.name: one for one in (SPOT, PERPETUAL)}


def last_score(market):
    return HedgeMode().evaluate(market).score[-1]


def test_a_deep_fall_is_a_danger_for_who_is_long_and_a_rise_for_who_is_short():
    assert last_score(market_of(FALLEN)) < -0.9
    assert last_score(mirrored(market_of(FALLEN))) > 0.9


def test_a_quiet_range_is_none():
    assert last_score(market_of(ripple(200))) == 0


def test_up_and_down_are_treated_alike():
    market = sample_market(600, price=1000.0)
    score = HedgeMode().evaluate(market).score
    np.testing.assert_allclose(HedgeMode().evaluate(mirrored(market)).score, -score, atol=0.02)


def test_in_danger_a_holding_is_offset_in_the_perpetual_of_the_same_asset():
    wanted = reduce(-0.9, held(SPOT, "2"))
    assert (wanted.instrument, wanted.intention, wanted.quantity) == (PERPETUAL.name, Intention.OPEN, Decimal(2))


def test_only_what_the_ratio_asks_for_and_is_not_offset_yet_is_added():
    strategy = HedgeMode(ratio=0.5)
    assert reduce(-0.9, held(SPOT, "2"), strategy=strategy).quantity == Decimal(1)
    assert reduce(-0.9, held(SPOT, "2"), held(PERPETUAL, "-0.4"), strategy=strategy).quantity == Decimal("0.6")
    assert reduce(-0.9, held(SPOT, "2"), held(PERPETUAL, "-1"), strategy=strategy) is None


@pytest.mark.parametrize("score", [0.9, 0.0, -0.4])
def test_without_enough_danger_on_the_side_that_is_held_nothing_is_done(score):
    assert reduce(score, held(SPOT, "2")) is None


def test_nothing_is_done_without_a_holding_or_without_another_market():
    assert reduce(-0.9) is None
    alone = snapshot(positions=[held(SPOT, "2")], instruments={SPOT.name: SPOT})
    assert HedgeMode().reduce(signal(SPOT, -0.9), alone, SPOT) is None


def test_a_short_in_the_perpetual_can_be_offset_in_spot():
    wanted = reduce(0.9, held(PERPETUAL, "-2"), judged=PERPETUAL)
    assert (wanted.instrument, wanted.quantity) == (SPOT.name, Decimal(2))


def test_what_is_left_of_an_offset_is_closed_when_the_holding_is_gone_and_never_before():
    own = replace(held(PERPETUAL, "-2"), strategy="hedge_mode")
    wanted = reduce(0.0, own, judged=PERPETUAL)
    assert (wanted.instrument, wanted.intention, wanted.quantity) == (PERPETUAL.name, Intention.CLOSE, Decimal(2))
    assert reduce(0.0, held(SPOT, "0.5"), own, judged=PERPETUAL).quantity == Decimal("1.5")
    assert reduce(0.9, held(SPOT, "2"), own, judged=PERPETUAL) is None


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValidationError, match=r"entry_distance below full_distance, found 8\.0 and 8\.0"):
        HedgeMode(entry_distance=8)


def reduce(score, *positions, judged=SPOT, strategy=HedgeMode()):  # noqa: B008 - frozen
    return strategy.reduce(signal(judged, score), snapshot(positions=positions, instruments=KNOWN), judged)


def held(instrument, quantity):
    return Position(instrument.name, Decimal(quantity), Decimal(quantity) * 50_000, CLOSE, strategy="trend_following")


def signal(instrument, score):
    return Signal("hedge_mode", instrument.name, CLOSE, score, 100.0, 100.0, "it falls")
