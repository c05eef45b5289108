"""Votes: strategy weight x regime weight x record, left out in a regime, readable to the last factor."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.decide import WeightedStrategy, decide
from desk.decide.weights import RecordBounds, VoteRules
from desk.model.instrument import Side
from desk.model.reasons import Reason
from desk.model.records import TrackRecord
from desk.model.regimes import Regime
from desk.model.trade import Intention
from desk.regimes.limits import RegimeLimits
from tests.builders import CLOSE, Constant, candles, market, policy, position, snapshot

QUICK = RegimeLimits(trend_period=10, usual_period=20, crash_period=10)


class Second(Constant):
    """Another one."""


Second.name = "second"


def trending():
    one = market(count=60)
    rising = candles([1.1 + 0.0005 * row for row in range(60)])
    return replace(one, by_timeframe={one.timeframe: rising})


def run(account_policy, account_snapshot=None):
    return decide(account_policy, account_snapshot or snapshot(), {"EUR/USD": trending()}, CLOSE)


def weighed(*voices, **regime_weights):
    rules = VoteRules({Regime.TREND: regime_weights})
    strategies = tuple(WeightedStrategy(strategy, weight) for strategy, weight in voices)
    return policy(strategies=strategies, votes=rules, regimes=QUICK)


def test_an_opinion_counts_by_the_weight_that_its_strategy_has_in_the_regime():
    account = weighed((Constant(score=0.9), 1.0), (Second(score=0.1), 1.0), constant=3.0)
    (proposal,) = run(account).proposals
    assert proposal.vote.score == pytest.approx((3 * 0.9 + 0.1) / 4)
    assert proposal.vote.regime is Regime.TREND
    assert str(proposal.vote) == (
        "constant +0.90 x 1 x 3 in trend x 1.00 by its record = +2.700; second +0.10 x 1 = +0.100; "
        "together +2.800 / 4.000 = +0.70"
    )


def test_a_strategy_of_weight_0_in_the_regime_is_left_out_and_the_vote_says_so():
    (proposal,) = run(weighed((Constant(score=0.9), 1.0), (Second(score=-0.9), 1.0), second=0.0)).proposals
    assert (proposal.side, proposal.strategy) == (Side.BUY, "constant")
    assert "second -0.90 left out in trend" in str(proposal.vote)


def test_where_everyone_with_an_opinion_is_left_out_the_reason_is_the_regime():
    (passed,) = run(weighed((Constant(score=0.9), 1.0), (Second(score=0.0), 1.0), constant=0.0)).no_trades
    assert (passed.reason, passed.detail) == (Reason.REGIME, "constant +0.90 left out in trend")


def test_a_weight_of_another_regime_has_no_effect():
    account = weighed((Constant(score=0.9), 1.0))
    account = replace(account, votes=VoteRules({Regime.RANGE: {"constant": 0.0}}))
    assert len(run(account).proposals) == 1


def test_the_strategy_whose_position_is_open_is_heard_about_its_exit_in_every_regime():
    account = weighed((Constant(score=-0.9), 1.0), (Second(score=0.0), 1.0), constant=0.0)
    (own,) = run(account, snapshot(positions=[position()])).proposals
    assert own.intention is Intention.CLOSE
    anothers = replace(position(), strategy="second")
    (passed,) = run(account, snapshot(positions=[anothers])).no_trades
    assert (passed.reason, "left out in trend" in passed.detail) == (Reason.POSITION_HELD, True)


def test_too_few_candles_to_tell_the_regime_are_too_few_to_decide():
    account = replace(weighed((Constant(), 1.0), constant=2.0), regimes=RegimeLimits(usual_period=60))
    (passed,) = run(account).no_trades
    assert (passed.reason, passed.detail) == (Reason.WARMING_UP, "the regime needs 61 candles, found 60")


def test_a_regime_that_no_weight_depends_on_does_not_stand_in_the_way():
    account = replace(policy(), regimes=RegimeLimits(usual_period=60))
    assert run(account).proposals[0].vote.regime is None


def test_a_good_record_lets_a_strategy_outvote_one_of_the_same_weight():
    account = replace(policy(Constant(score=0.9), Second(score=-0.9)), votes=VoteRules(records=RecordBounds()))
    good, bad = TrackRecord(400, 240, 1.0, -0.5, 0.8), TrackRecord(400, 100, 1.0, -0.8, 0.8)
    decision = run(replace(account, entry_score=0.2), snapshot(records={"constant": good, "second": bad}))
    assert decision.proposals[0].side is Side.BUY
    assert "x 1.50 by its record" in str(decision.proposals[0].vote)
    assert not run(account).proposals


@given(
    trades=st.integers(0, 10_000),
    mean=st.floats(-100, 100),
    lowest=st.floats(0, 1),
    highest=st.floats(1, 10),
)
def test_the_weight_of_a_record_stays_within_its_bounds_and_grows_with_the_mean(trades, mean, lowest, highest):
    bounds = RecordBounds(lowest, highest)
    weight, better = (bounds.weight_of(record_of(trades, each)) for each in (mean, mean + 0.1))
    assert lowest <= weight <= highest
    assert better >= weight
    assert (weight >= 1) == (mean >= 0 or weight == 1)


def test_a_short_record_moves_the_weight_little_and_none_not_at_all():
    bounds = RecordBounds(full_mean=0.5, trades=30)
    assert [bounds.weight_of(None), bounds.weight_of(record_of(0, 0.0))] == [1, 1]
    assert bounds.weight_of(record_of(30, 0.5)) == pytest.approx(1.25)
    assert bounds.weight_of(record_of(30, -0.5)) == pytest.approx(0.75)
    assert bounds.weight_of(record_of(10, float("nan"))) == 0.5


def test_in_an_unknown_regime_a_strategy_counts_the_least_that_it_counts_in_any():
    rules = VoteRules({Regime.TREND: {"constant": 2.0}, Regime.CRASH: {"constant": 0.25}})
    assert [rules.regime_weight(name, None) for name in ("constant", "second")] == [0.25, 1.0]
    assert VoteRules().regime_weight("constant", None) == 1


def test_without_rules_the_vote_is_the_mean_by_weight_and_says_nothing_of_a_single_strategy():
    (proposal,) = run(policy(Constant(score=0.8))).proposals
    assert (proposal.vote.is_plain, proposal.vote.score) == (True, 0.8)
    (passed,) = run(policy(Constant(score=0.4))).no_trades
    assert passed.detail.startswith("score +0.40, threshold 0.50; constant: long 0.40")
    assert "vote" not in passed.detail


def record_of(trades, mean):
    return TrackRecord(trades, trades, mean, 0.0, 1.0)


def test_a_proposal_keeps_its_vote_through_the_ledgers_json():
    from desk.adapters.ledger.codec import from_json, to_json
    from desk.model.trade import Proposal

    (proposal,) = run(weighed((Constant(score=0.9), 1.0), constant=3.0)).proposals
    assert from_json(Proposal, to_json(Proposal, proposal)) == proposal
    assert proposal.quantity == Decimal(1000)


@pytest.mark.parametrize(
    ("score", "told"),
    [(0.4998, "score +0.4998, threshold 0.5000;"), (-0.499, "score -0.499, threshold 0.500;")],
)
def test_a_score_just_below_the_threshold_does_not_look_like_it(score, told):
    (passed,) = run(policy(Constant(score=score))).no_trades
    assert passed.detail.startswith(told)
