import numpy as np

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.strategies.triggered import Triggered

QUIET = ripple(150)
USUAL = np.full(151, 100.0)
JUMP = np.append(QUIET, QUIET[-1] + 10)
RULES = [
    {"when": [{"kind": "price_move", "candles": 3, "fraction": 0.009}], "size": 0.5, "conviction": 0.9, "stop_atr": 1},
    {"when": [{"kind": "new_extreme", "candles": 20}], "conviction": 0.4, "stop_atr": 3, "side": "against"},
]


def judged(market, rules=RULES):
    return Triggered(rules=rules).evaluate(market)


def test_a_jump_makes_a_rule_speak_with_its_conviction():
    assert judged(market_of(JUMP)).score[-1] == 0.9
    assert judged(mirrored(market_of(JUMP))).score[-1] == -0.9


def test_the_first_rule_that_fires_decides_side_size_and_stop():
    both, second = judged(market_of(JUMP)), judged(market_of(JUMP), RULES[1:] + RULES[:1])
    assert (both.plan_at(-1).size, second.plan_at(-1).size) == (0.5, 1.0)
    assert second.score[-1] == -0.4
    np.testing.assert_allclose(second.stop[-1], 3 * both.stop[-1])


def test_a_later_rule_speaks_where_the_first_is_silent():
    crept = judged(market_of(np.append(QUIET, QUIET.max() + 1)))
    assert crept.score[-1] == -0.4
    assert crept.plan_at(-1).trigger == "a close beyond those of 20 candles by 0.1 ATR"


def test_where_no_rule_fires_there_is_no_plan_and_no_opinion():
    quiet = judged(market_of(QUIET))
    assert quiet.score[-1] == 0
    assert quiet.plan_at(-1) is None


def test_it_warms_up_as_long_as_its_slowest_trigger():
    assert Triggered(rules=[{"when": [{"kind": "new_extreme", "candles": 300}]}]).warm_up == 301
    assert Triggered(rules=RULES).warm_up == 81


def test_volume_confirms_a_move_in_the_rules_that_it_comes_with():
    moved, usual = market_of(JUMP, volume=USUAL), Triggered()
    surged = market_of(JUMP, volume=np.append(USUAL[:-1], 250.0))
    assert usual.evaluate(surged).plan_at(-1).size == 1.0
    assert usual.evaluate(moved).plan_at(-1).size == 0.5
