import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.strategies import check_strategy
from desk.model.timeframe import Timeframe
from desk.registry import strategies
from desk.strategies.ensemble import Ensemble

BROKEN = market_of(np.append(ripple(150), 1002.0))
STILL = market_of(ripple(200))


def of(*members, **parameters):
    return Ensemble(members=[{"name": one} if isinstance(one, str) else one for one in members], **parameters)


def last_score(ensemble, market=BROKEN):
    return ensemble.evaluate(market).score[-1]


def own(name, market=BROKEN, **parameters):
    return strategies().build(name, parameters).evaluate(market).score[-1]


def test_an_ensemble_of_one_says_what_the_one_says():
    for market in (BROKEN, mirrored(BROKEN), STILL):
        assert last_score(of("breakout"), market) == own("breakout", market)


def test_members_that_are_silent_take_nothing_from_the_one_that_speaks():
    assert own("volatility_breakout", STILL) == own("breakout", STILL) == 0
    assert last_score(of("breakout", "gold_scalping", quorum=0.3)) == own("breakout") == 1


def test_members_that_disagree_are_weighed_against_each_other():
    breakout, reversion = own("breakout"), own("mean_reversion")
    assert breakout > 0 > reversion
    heard = [weight * abs(score) for weight, score in ((3, breakout), (1, reversion))]
    expected = (heard[0] * breakout + heard[1] * reversion) / sum(heard)
    assert last_score(of({"name": "breakout", "weight": 3}, "mean_reversion")) == pytest.approx(expected)
    assert last_score(of({"name": "mean_reversion", "weight": 9}, "breakout")) < 0


def test_an_opinion_of_less_than_the_quorum_is_smaller():
    pair = ("breakout", "gold_scalping")
    assert last_score(of(*pair, quorum=0.5)) == pytest.approx(1)
    assert last_score(of(*pair, quorum=1)) == pytest.approx(0.5)


def test_parameters_of_a_member_reach_it():
    slow = {"name": "breakout", "parameters": {"full_excess": 10}}
    assert last_score(of(slow)) == own("breakout", full_excess=10) < own("breakout")


def test_stop_and_target_are_the_weighted_means():
    scores = of({"name": "breakout", "parameters": {"stop_atr": 1}}, {"name": "mean_reversion", "weight": 3}).evaluate(
        BROKEN
    )
    unit = strategies().build("breakout", {}).evaluate(BROKEN).features["atr"][-1]
    assert scores.stop[-1] == pytest.approx((1 * 1 + 3 * 2) / 4 * unit)
    assert scores.target[-1] == pytest.approx((1 * 4 + 3 * 2) / 4 * unit)


def test_it_says_what_each_member_thinks_also_of_two_of_a_kind():
    features = of("breakout", {"name": "breakout", "parameters": {"channel_period": 20}}).evaluate(BROKEN).features
    assert {"agreement", "breakout_1", "breakout_2"} == set(features)


def test_it_reads_and_warms_up_for_all_of_its_members():
    ensemble = of("champion_75wr", "swing_trading", "hft", "adaptive_gold")
    assert ensemble.reads == (Timeframe.M15, Timeframe.H1, Timeframe.H4)
    assert ensemble.reads_series == ("book_imbalance", "micro_price", "news_pressure")
    assert ensemble.warm_up == max(member.strategy.warm_up for member in ensemble.members) == 201


def test_an_ensemble_over_several_timeframes_keeps_the_contract():
    check_strategy(of("champion_75wr", "ultra_strict_forex", "hft", "adaptive_gold"))


def test_what_is_written_down_of_it_is_complete():
    [member] = of({"name": "adaptive_trump_gold"}).model_dump()["members"]
    assert member["name"] == "adaptive_gold"
    assert member["parameters"]["mean_period"] == 30


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([{"name": "brakeout"}], "members: unknown strategy 'brakeout'; did you mean 'breakout'?"),
        ([{"name": "ensemble"}], "expected members other than 'ensemble', found 'ensemble'"),
        ([{"name": "breakout", "parameters": {"channel_period": 1}}], "channel_period: Input should be greater"),
        ([{"name": "breakout", "parameters": {"period": 20}}], "unknown parameter 'period'"),
        ([{"name": "breakout", "weight": 0}], "greater than 0"),
        ([], "at least 1 item"),
    ],
)
def test_members_that_cannot_be_are_refused_when_they_are_read(members, message):
    with pytest.raises(ValidationError, match=message):
        Ensemble(members=members)
